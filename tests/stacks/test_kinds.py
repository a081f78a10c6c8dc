"""What holds for the service of every kind without a rollout, and one snapshot a stack."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.stacks.conftest import Templates
from tests.stacks.template_reading import as_list, properties, resources, statements

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples" / "services"
ROLLED_OUT: Final = {"rolled-out", "contested", "supervised", "guarded"}
PLAIN: Final = sorted({path.stem for path in EXAMPLES.glob("*.yaml")} - {"environments", *ROLLED_OUT})
WITH_ENDPOINT: Final = [name for name in PLAIN if name != "batch"]
CONFIG: Final = "AWS::SageMaker::EndpointConfig"


@pytest.mark.parametrize("role", ["foundation", "hosting"])
@pytest.mark.parametrize("name", PLAIN)
def test_the_template_of_a_kind_is_as_reviewed(
    name: str, role: str, examples: Templates, snapshot: Any
) -> None:
    assert examples[f"{name}-production-{role}"] == snapshot


def test_every_kind_has_an_example() -> None:
    assert {
        "variants",
        "shadow",
        "multi-model",
        "multi-container",
        "pipeline",
        "serverless",
        "async",
        "components",
        "batch",
        "ab-test",
    } == set(PLAIN)


@pytest.mark.parametrize("name", PLAIN)
def test_a_service_without_a_rollout_has_two_stacks_and_no_ledger(name: str, examples: Templates) -> None:
    mine = {stack for stack in examples if stack.startswith(f"{name}-production-")}
    assert mine == {f"{name}-production-foundation", f"{name}-production-hosting"}
    foundation = examples[f"{name}-production-foundation"]
    assert len(resources(foundation, "AWS::S3::Bucket")) == 2
    assert not resources(foundation, "AWS::DynamoDB::GlobalTable")
    assert not resources(foundation, "AWS::DynamoDB::Table")
    assert not resources(foundation, "AWS::SageMaker::ModelPackageGroup")


@pytest.mark.parametrize("name", PLAIN)
def test_the_role_of_a_service_stays_within_its_file(name: str, examples: Templates) -> None:
    for role in ("foundation", "hosting"):
        for _, statement in statements(examples[f"{name}-production-{role}"]):
            assert all(not action.endswith(":*") for action in as_list(statement["Action"]))
            if any(action.startswith("s3:") for action in as_list(statement["Action"])):
                assert statement["Resource"] != "*"


@pytest.mark.parametrize("name", WITH_ENDPOINT)
def test_only_the_endpoint_of_a_service_has_a_fixed_name(name: str, examples: Templates) -> None:
    hosting = examples[f"{name}-production-hosting"]
    (endpoint,) = properties(hosting, "AWS::SageMaker::Endpoint")
    assert endpoint["EndpointName"] == f"{name}-production"
    assert all("EndpointConfigName" not in config for config in properties(hosting, CONFIG))
    assert all("ModelName" not in model for model in properties(hosting, "AWS::SageMaker::Model"))


@pytest.mark.parametrize("name", PLAIN)
def test_every_resource_that_takes_tags_tells_its_service(name: str, examples: Templates) -> None:
    for model in properties(examples[f"{name}-production-hosting"], "AWS::SageMaker::Model"):
        tags = {tag["Key"]: tag["Value"] for tag in model["Tags"]}
        assert tags["tidegate:service"] == name
        assert tags["tidegate:environment"] == "production"
