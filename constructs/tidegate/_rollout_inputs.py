"""What a `Rollout` is given, checked before anything is defined."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tidegate._validation import Faults

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns

MAX_ENDPOINT_NAME: Final = 46
"""Longest name of an endpoint with a rollout.

What the controller creates is called `{endpoint_name}-` and 16 digits, in at most 63 characters, and its
roles allow no other names.
"""


def check_inputs(
    endpoint_name: str,
    group_name: str,
    pointer_parameter: str,
    notify: "sns.ITopic | None",
    *,
    more: Sequence[str],
) -> None:
    """Raise ValueError for all that is wrong with them; `more` is what is wrong besides."""
    faults = Faults(f"rollout of {endpoint_name!r}")
    faults.require_endpoint_name(endpoint_name, longest=MAX_ENDPOINT_NAME)
    faults.require_name(group_name, field="model_package_group_name")
    faults.require(
        ok=pointer_parameter.startswith("/"),
        message=f"pointer_parameter must start with /, got {pointer_parameter!r}",
    )
    for fault in more:
        faults.require(ok=False, message=fault)
    faults.require(ok=notify is None or not notify.fifo, message="notify must not be a FIFO topic, got one")
    faults.raise_if_any()


def key_arns(topic: "sns.ITopic | None") -> list[str]:
    """Return the ARN of a topic's key, if it is known."""
    return [] if topic is None or topic.master_key is None else [topic.master_key.key_arn]


def bucket_arns(buckets: "Sequence[s3.IBucket | str]") -> list[str]:
    """Return the ARNs of buckets; an ARN, or a pattern of ARNs, stands for itself."""
    return [one if isinstance(one, str) else one.bucket_arn for one in buckets]
