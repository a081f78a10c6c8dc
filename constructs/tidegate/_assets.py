"""Where the Lambda source lies, and how one function is cut out of it."""

from pathlib import Path
from typing import Final

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

_HERE: Final = Path(__file__).resolve().parent


def lambdas_root() -> Path:
    """Return the folder with the handlers: the one packed in the wheel, else the checkout's."""
    packaged = _HERE / "_lambdas"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "lambdas"


def function_code(function: str) -> lambda_.Code:
    """Return the asset of one function: its own folder and the shared runtime, nothing else.

    The excludes keep byte code out: without them, running the tests would change the hash, and so the
    deployment.
    """
    return lambda_.Code.from_asset(
        str(lambdas_root()),
        ignore_mode=IgnoreMode.GIT,
        exclude=["/*", f"!/{function}/", "!/tidegate_runtime/", "__pycache__/", "*.pyc"],
    )
