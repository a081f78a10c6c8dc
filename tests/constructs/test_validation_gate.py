"""A validation gate refuses what could not work, warns of what it cannot see, and packs what is read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match

from deliver.asking import Asked
from tests.lambdas.fakes.validating import DATA
from tidegate import (
    InstanceVariant,
    Model,
    RealTimeEndpoint,
    Serverless,
    ServerlessEndpoint,
    ValidationGate,
)
from tidegate._gate_needs import BY_ENDPOINT, GATE_NEEDS
from tidegate._targets import Place, Targets
from tidegate_runtime.adapters.packaged_validation import packaged_validation
from tidegate_runtime.naming import is_of_a_validation, validation_prefix

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


def resources(statement: Mapping[str, Any]) -> list[str]:
    found = statement["Resource"]
    return found if isinstance(found, list) else [found]


def actions(statement: Mapping[str, Any]) -> list[str]:
    found = statement["Action"]
    return found if isinstance(found, list) else [found]


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
    for one in statements:
        assert "*" not in resources(one), one
        made = [
            arn
            for arn in resources(one)
            if any(f":{kind}/" in arn for kind in ("model", "transform-job", "endpoint-config", "endpoint"))
        ]
        own = {
            f"digits-staging-validation-{'?' * 16}",
            *(("digits-staging",) if one["Sid"] == "AskEndpoint" else ()),
        }
        assert {arn.rpartition("/")[2] for arn in made} <= own


@pytest.mark.parametrize("job", GATE_NEEDS)
def test_the_statements_of_a_job_have_names_of_their_own(job: str) -> None:
    statements = GATE_NEEDS[job](TARGETS)
    assert len({one["Sid"] for one in statements}) == len(statements)


def test_only_a_gate_by_endpoint_may_make_endpoints_and_only_one_by_jobs_may_start_them() -> None:
    found = {
        job: {action for one in GATE_NEEDS[job](TARGETS) for action in actions(one)}
        for job in ("validate", BY_ENDPOINT)
    }
    assert found["validate"] - found[BY_ENDPOINT] == {
        f"sagemaker:{verb}TransformJob" for verb in ("Create", "Describe", "Stop")
    }
    assert found[BY_ENDPOINT] - found["validate"] == {
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DescribeEndpoint",
        "sagemaker:InvokeEndpoint",
    }


@pytest.mark.parametrize("endpoint", ["digits-prod", "d" * 35, "d" * 36, "d" * 46])
def test_the_names_that_a_gate_gives_are_those_that_its_role_allows(endpoint: str) -> None:
    name = Asked.of("candidate", "arn/7", endpoint=endpoint, execution="e", attempt="a").name
    assert len(name) <= 63
    targets = replace(TARGETS, endpoint_name=endpoint)
    assert any(
        fnmatchcase(f"endpoint/{name}", arn.rpartition(":")[2]) for arn in targets.of_validation("endpoint")
    )
    assert is_of_a_validation(name)


def test_endpoints_whose_long_names_begin_alike_do_not_share_their_gates_names() -> None:
    one, other = ("a-service-with-a-very-long-name-in-" + place for place in ("staging", "prod-eu"))
    assert validation_prefix(one) != validation_prefix(other)


def test_the_gate_of_one_service_may_not_touch_the_endpoint_of_another_that_begins_alike() -> None:
    others = ["digits-staging", "digits-staging-validation-eu", "digits-staging-validation-x-" + "0" * 16]
    for pattern in TARGETS.of_validation("endpoint"):
        assert not any(fnmatchcase(f"endpoint/{name}", pattern.rpartition(":")[2]) for name in others)


def test_rejects_an_endpoint_that_is_called_as_one_of_a_gate(
    stack: Stack, model: Model, variant: Callable[..., InstanceVariant]
) -> None:
    name = "digits-validation-00112233aabbccdd"
    told = "endpoint_name must not end as a validation gate's, which is deleted, got"
    with pytest.raises(ValueError, match=told):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name=name)
    with pytest.raises(ValueError, match=told):
        ServerlessEndpoint(
            stack,
            "Serverless",
            model=model,
            serverless=Serverless.on_demand(memory_mb=2048, max_concurrency=20),
            endpoint_name=name,
        )


def test_rejects_a_way_of_asking_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="by must be one of batch_transform, endpoint, got 'hand'"):
        gate(by="hand")


def test_only_a_gate_by_endpoint_tells_how_long_endpoints_may_be_there() -> None:
    assert gate(max_minutes=90).endpoint_minutes is None
    assert gate(max_minutes=90, by="endpoint").endpoint_minutes == 90


def test_the_example_of_the_tests_is_large_enough() -> None:
    assert len(DATA) == 200
