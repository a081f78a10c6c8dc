"""Composition root. Usage: cdk deploy [-c services=FOLDER] [-c environment=NAME] STACK."""

import gc
import sys
from pathlib import Path

gc.disable()  # What is imported stays: looking for garbage among it takes a quarter of the time.

from aws_cdk import App  # noqa: E402

from stacks.compose import define_app  # noqa: E402
from stacks.service_files import load_folder  # noqa: E402
from stacks.yaml_source import BadFiles  # noqa: E402


def main() -> None:
    """Synthesize, or exit with the faults of the service files."""
    gc.freeze()
    gc.enable()
    app = App()
    folder = Path(app.node.try_get_context("services") or Path(__file__).with_name("services"))
    try:
        define_app(app, load_folder(folder, only=app.node.try_get_context("environment")))
    except BadFiles as bad:
        sys.exit(str(bad))
    app.synth()


if __name__ == "__main__":
    main()
