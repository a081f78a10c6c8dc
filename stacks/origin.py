"""What a deployment says about the sources that it was made from."""

from typing import Final

from aws_cdk import CfnOutput, Stack

_TOLD: Final = {"commit": "Commit", "build": "Build"}
"""Context value to output."""


def tell_origin(stack: Stack) -> None:
    """Tell the context values `commit` and `build` as outputs of a stack; without them it has no such output.

    Outputs and nothing else, since they change with every commit: a tag would run the update handler of every
    resource that it is handed down to, and so would a stack tag
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html).

    Args:
        stack: The stack that tells; `cdk synth -c commit=1a2b3c` gives the value.

    """
    for name, output in _TOLD.items():
        value = stack.node.try_get_context(name)
        if value:
            CfnOutput(stack, output, value=str(value))
