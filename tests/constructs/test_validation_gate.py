"""A validation gate refuses what could not work, warns of what it cannot see, and packs what is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match

from tests.lambdas.fakes.validating import DATA
from tidegate import ValidationGate
from tidegate._gate_needs import GATE_NEEDS
from tidegate._targets import Place, Targets
from tidegate_runtime.adapters.packaged_validation import packaged_validation

TARGETS = Targets(
    place=Place(partition="aws", region="eu-west-1", account="111122223333"),
    endpoint_name="digits-staging",
    group_name="digits-staging",
    pointer_parameter="/tidegate/staging/digits/live-model-package",
    hosting_stack="digits-staging-hosting",
    ledger_arn="arn:ledger",
    execution_role_arn="arn:role",
    bucket_arns=["arn:aws:s3:::artifacts"],
)


def rows(count: int) -> bytes:
    return b"".join(b"%s\n" % json.dumps({"input": [i], "label": i % 10}).encode() for i in range(count))


def gate(**changes: Any) -> ValidationGate:
    given = {"data": rows(300), "metric": "accuracy", "instance_type": "ml.m5.large", "max_worse": 0.02}
    return ValidationGate(**{**given, "at_least": 0.9, **changes})


def unpacked(made: ValidationGate, folder: Path) -> Path:
    for name, content in made.packed().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_the_job_reads_what_was_packed(tmp_path: Path) -> None:
    made = gate(
        prediction="/predictions/0",
        environment={"A": "1"},
        network_isolation=True,
        subnets=["subnet-1"],
        security_groups=["sg-1"],
    )
    found, data = packaged_validation(unpacked(made, tmp_path))
    assert (found.criteria.metric, found.criteria.max_worse, found.criteria.at_least) == (
        "accuracy",
        0.02,
        0.9,
    )
    assert (found.prediction, found.instance_type, len(data)) == ("/predictions/0", "ml.m5.large", 300)
    assert found.model == {
        "Environment": {"A": "1"},
        "EnableNetworkIsolation": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    }


def test_equal_gates_pack_equal_bytes() -> None:
    assert gate().packed() == gate().packed()


def test_rejects_all_faults_at_once() -> None:
    with pytest.raises(ValueError, match="validation gate: ") as refused:
        gate(
            max_worse=2.0,
            at_least=90,
            data=rows(3) + b"{\n",
            prediction="predictions",
            instance_type="m5.large",
            max_minutes=0,
            subnets=["subnet-1"],
        )
    told = str(refused.value)
    for text in (
        "max_worse must be below 1",
        "at_least must be 0 to 1",
        "data must have at least 10 rows, got 4",
        "data line 4: ",
        "prediction must be a JSON pointer as /predictions/0, got 'predictions'",
        "instance_type must be an instance type as ml.m5.large, got 'm5.large'",
        "max_minutes must be above 0 and at most 1380, got 0",
        "subnets and security_groups must be given together",
    ):
        assert text in told


def test_rejects_a_metric_that_there_is_not() -> None:
    with pytest.raises(ValueError, match=r"metric must be one of accuracy, f1, .* got 'auc'"):
        gate(metric="auc")


def test_warns_of_a_set_that_cannot_see_the_margin_with_the_numbers() -> None:
    stack = Stack(App(), "S")
    gate(data=rows(100)).warn(stack)
    told = "*100 rows cannot see that accuracy is 0.02 worse*from 200 rows on*"
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert len(found) == 1
    assert all(part in str(found[0].entry.data) for part in told.split("*"))


def test_warns_of_a_gate_that_fails_every_first_version() -> None:
    assert [rule for rule, _ in gate(at_least=None).warnings()] == ["tidegate:validation-without-floor"]
    assert not list(gate().warnings())


def test_the_jobs_may_touch_what_they_have_made_and_nothing_else() -> None:
    statements = [one for need in GATE_NEEDS.values() for one in need(TARGETS)]
    assert len({one["Sid"] for one in statements}) == len(statements)
    for one in statements:
        resources = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
        assert "*" not in resources, one
        made = [arn for arn in resources if ":sagemaker:" in arn and ("model/" in arn or "-job/" in arn)]
        assert all("digits-staging-validation-" in arn for arn in made)


def test_the_example_of_the_tests_is_large_enough() -> None:
    assert len(DATA) == 200
