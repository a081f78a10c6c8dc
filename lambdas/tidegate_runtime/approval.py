"""Approvals in the model registry: their events, and the rollouts that are named after them.

Source:
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from collections.abc import Mapping
from typing import Any, Final

from tidegate_runtime.ports import Run

DETAIL_TYPE: Final = "SageMaker Model Package State Change"


def rollout_id_of(event: Mapping[str, Any]) -> str:
    """Return the id that this very approval always gets, for example `v2-20261121T050102Z`."""
    version = event["detail"].get("ModelPackageVersion") or event["detail"]["ModelPackageArn"].split("/")[-1]
    time = "".join(character for character in str(event["time"]) if character.isalnum())
    return f"v{version}-{time}"[:70]


def approved_at(run: Run) -> tuple[str, str]:
    """Return when a rollout's version was approved, as its id says; those of one second by their ids."""
    return run.rollout_id.partition("-")[2], run.rollout_id
