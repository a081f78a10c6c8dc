"""Composition root. Usage: cdk deploy [-c services=FOLDER] [-c environment=NAME] STACK."""

import gc
import sys
from pathlib import Path

from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles


def main() -> int:
    """Synthesize; return the exit status."""
    gc.freeze()  # What is imported stays: looking for garbage among it takes a fifth of the time.
    app = App()
    folder = Path(app.node.try_get_context("services") or Path(__file__).with_name("services"))
    try:
        deployments = load_deployments(folder, only=app.node.try_get_context("environment"))
    except BadFiles as bad:
        sys.stderr.write(f"{bad}\n")
        return 1
    define_stacks(app, deployments)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
