"""The floor of benchmarks.synth_time: the resources of synthesized templates, made without a library.

Settings, from the environment: TEMPLATES, a folder with templates; MODULES=yes imports the CDK modules of
the resource types too, as typed resources would.
"""

import importlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, CfnParameter, CfnResource, Stack


def main() -> None:
    """Define and synthesize them."""
    app = App()
    for path in sorted(Path(os.environ["TEMPLATES"]).glob("*.template.json")):
        stack = Stack(app, path.name.removesuffix(".template.json"))
        template = json.loads(path.read_text())
        for name, parameter in template.get("Parameters", {}).items():
            if name != "BootstrapVersion":  # the stack has it of itself
                CfnParameter(stack, name, type=parameter["Type"], default=parameter["Default"])
        define(stack, template["Resources"], typed=os.environ["MODULES"] == "yes")
    app.synth()


def define(stack: Stack, resources: Mapping[str, Any], *, typed: bool) -> None:
    """Define each resource with the same type and properties."""
    for name, resource in resources.items():
        kind = resource["Type"]
        if typed and kind.startswith("AWS::"):
            importlib.import_module(f"aws_cdk.aws_{kind.split('::')[1].lower()}")
        CfnResource(stack, name, type=kind, properties=resource.get("Properties", {}))


if __name__ == "__main__":
    main()
