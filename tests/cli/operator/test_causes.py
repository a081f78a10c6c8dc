"""What decided about a rollout that has not begun."""

from tidegate_cli.operator.causes import cause_of
from tidegate_cli.operator.ledger import Run


def test_a_queued_version_is_told_to_wait_and_not_to_have_been_taken_back() -> None:
    package = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/3"
    cause = cause_of(Run(rollout_id="v3", status="QUEUED", body={"package_arn": package}))
    assert cause.sentence == "v3 waits for the end of the rollout in flight"
