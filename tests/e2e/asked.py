"""A user's Lambda function, which a plan names as its gate and its hooks."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.e2e.world import World
from tidegate_cli.rehearsal.environment import ACCOUNT, REGION

_NAME: Final = "asked"
FUNCTION: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{_NAME}"
"""ARN of the function, which is there while inside `asked`."""

_CODE: Final = """
import json
import os

def handle(event, context):
    status = json.loads(os.environ["ANSWERS"])[event["when"]]
    told = "{when} step {step} of {steps} at {weight_percent} %".format(**event)
    return {"status": status, "reason": told}
"""
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Asked:
    """The function; says the same until it is told otherwise.

    Args:
        world: Where it is.

    """

    def __init__(self, world: World) -> None:
        self._functions: Any = world.stage.aws.functions

    def answer(self, *, before: str = "DONE", after: str = "DONE", gate: str = "APPROVED") -> None:
        """Set the status that it answers from now on, by what it is asked for."""
        self._functions.update_function_configuration(
            FunctionName=_NAME, Environment=_environment(before=before, after=after, gate=gate)
        )


@contextmanager
def asked(
    world: World, *, before: str = "DONE", after: str = "DONE", gate: str = "APPROVED"
) -> Iterator[Asked]:
    """Make the function, which answers so, and remove it after the context."""
    iam, functions = world.client("iam"), world.stage.aws.functions
    role = iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", _CODE)
    functions.create_function(
        FunctionName=_NAME,
        Runtime="python3.14",
        Role=role,
        Handler="index.handle",
        Code={"ZipFile": archive.getvalue()},
        Environment=_environment(before=before, after=after, gate=gate),
    )
    try:
        yield Asked(world)
    finally:
        functions.delete_function(FunctionName=_NAME)
        iam.delete_role(RoleName=_NAME)


def _environment(**answers: str) -> Any:
    return {"Variables": {"ANSWERS": json.dumps(answers)}}
