"""What promoting models may do in each account, and nobody else: of the services in examples/delivery."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.stacks.conftest import DELIVERY, Templates, synthesized
from tests.stacks.template_reading import as_list, flat, properties, statements

TOOLING: Final = "444455556666"
DEV, STAGING, PROD = "111122223333", "222233334444", "333344445555"
ROOT_OF: Final = "arn:aws:iam::{}:root"


def role(template: Mapping[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in properties(dict(template), "AWS::IAM::Role") if one.get("RoleName") == name]
    return found


def sids(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for _, one in statements(dict(template)) if "Sid" in one}


def test_a_role_is_taken_by_the_functions_of_its_pipeline_and_nobody_else(delivered: Templates) -> None:
    found = role(delivered["promoted-prod-eu-delivery"], "promoted-prod-eu-delivery")
    (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
    functions = [f"arn:aws:iam::{TOOLING}:role/tidegate-promoted-{kind}" for kind in ("deliver", "start")]
    assert statement["Principal"] == {"AWS": ROOT_OF.format(TOOLING)}
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": functions}}
    assert statement["Action"] == "sts:AssumeRole"


def test_where_nothing_is_promoted_into_no_rejection_can_come_from_outside(delivered: Templates) -> None:
    for stack in ("promoted-dev-delivery", "trained-everywhere-staging-delivery"):
        text = json.dumps(role(delivered[stack], stack)["AssumeRolePolicyDocument"])
        assert "-deliver" in text
        assert "-start" not in text


def test_a_role_may_what_its_environment_needs_and_no_more(delivered: Templates) -> None:
    dev = set(sids(delivered["promoted-dev-delivery"]))
    assert not dev & {"Register", "Decide", "ReadSources", "StartTraining", "ValidationModels"}
    staging = set(sids(delivered["promoted-staging-delivery"]))
    assert {"Register", "Decide", "ReadSources", "CopyArtifacts", "ValidationModels"} <= staging
    assert not staging & {"StartTraining", "ReadTraining"}
    trained = set(sids(delivered["trained-everywhere-dev-delivery"]))
    assert {"StartTraining", "ReadTraining", "Decide"} <= trained
    assert not trained & {"Register", "ReadSources", "CopyArtifacts"}
    for stack, template in delivered.items():
        for name, one in sids(template).items() if stack.endswith("-delivery") else ():
            # Composite alarms know no resource.
            assert name == "ReadAlarms" or "*" not in as_list(one["Resource"]), (stack, name)


@pytest.mark.parametrize("stack", ["promoted-staging-delivery", "trained-everywhere-staging-delivery"])
def test_the_policy_of_a_role_is_as_reviewed(delivered: Templates, stack: str, snapshot: Any) -> None:
    assert [statement for _, statement in statements(dict(delivered[stack]))] == snapshot


def test_a_gate_asks_by_jobs_or_by_endpoints_of_its_own_and_the_role_may_that_and_not_the_other(
    delivered: Templates,
) -> None:
    by_jobs = sids(delivered["promoted-staging-delivery"])
    by_endpoint = sids(delivered["trained-everywhere-staging-delivery"])
    assert "ValidationJobs" in by_jobs
    assert not set(by_jobs) & {"ValidationConfigs", "ValidationEndpoints"}
    assert "ValidationJobs" not in by_endpoint
    endpoints = by_endpoint["ValidationEndpoints"]
    assert endpoints["Action"] == [
        f"sagemaker:{verb}Endpoint" for verb in ("Create", "Delete", "Describe", "Invoke")
    ]
    arn = f"arn:aws:sagemaker:eu-west-1:{STAGING}:endpoint/trained-everywhere-staging-validation-"
    assert as_list(endpoints["Resource"]) == [f"{arn}{'?' * 16}"]


def test_who_may_make_endpoints_for_a_gate_has_a_watchdog_that_deletes_them(delivered: Templates) -> None:
    def abandoned(service: str) -> list[Any]:
        found = statements(delivered[f"{service}-controller"])
        return [as_list(one["Resource"]) for _, one in found if one.get("Sid") == "DeleteAbandoned"]

    (resources,) = abandoned("trained-everywhere-staging")
    made = sids(delivered["trained-everywhere-staging-delivery"])
    assert set(as_list(made["ValidationEndpoints"]["Resource"])) <= set(resources)
    assert set(as_list(made["ValidationConfigs"]["Resource"])) <= set(resources)
    assert abandoned("promoted-staging") == []


def test_versions_are_decided_about_in_the_own_group_only(delivered: Templates) -> None:
    decide = sids(delivered["promoted-prod-us-delivery"])["Decide"]
    arn = f"arn:aws:sagemaker:us-east-1:{PROD}:model-package/promoted-prod-us/*"
    assert as_list(decide["Resource"]) == [arn]
    key = "sagemaker:ModelApprovalStatus"
    statuses = ["Approved", "PendingManualApproval", "Rejected"]
    assert decide["Condition"] == {"StringEqualsIfExists": {key: statuses}}


def test_artifacts_are_read_from_the_environment_before_and_its_account(delivered: Templates) -> None:
    read = sids(delivered["promoted-prod-us-delivery"])["ReadSources"]
    assert read["Resource"] == "arn:aws:s3:::promoted-staging-foundat*/*"
    assert read["Condition"] == {"StringEquals": {"s3:ResourceAccount": [STAGING]}}


def test_a_group_is_read_by_the_accounts_that_its_versions_are_promoted_into(delivered: Templates) -> None:
    def policy(stack: str) -> Any:
        (group,) = properties(delivered[stack], "AWS::SageMaker::ModelPackageGroup")
        return group.get("ModelPackageGroupPolicy")

    (statement,) = policy("promoted-staging-foundation")["Statement"]
    assert statement["Principal"] == {"AWS": [ROOT_OF.format(PROD)]}
    assert not any("Create" in one or "Update" in one for one in statement["Action"])
    assert policy("promoted-prod-eu-foundation") is None
    assert policy("trained-everywhere-dev-foundation") is None


def test_a_bucket_is_read_by_the_roles_that_copy_or_serve_its_models(delivered: Templates) -> None:
    def reading(stack: str) -> dict[str, Any]:
        policies = properties(delivered[stack], "AWS::S3::BucketPolicy")
        found = [one for each in policies for one in each["PolicyDocument"]["Statement"]]
        return {one["Sid"]: one for one in found if one.get("Sid", "").startswith("ReadArtifacts")}

    copies = reading("promoted-staging-foundation")
    (statement,) = copies.values()
    roles = [f"arn:aws:iam::{PROD}:role/promoted-prod-{one}-delivery" for one in ("eu", "us")]
    assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": roles}}
    assert statement["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
    (shared,) = reading("hybrid-staging-foundation").values()
    assert shared["Condition"]["ArnLike"]["aws:PrincipalArn"] == [
        f"arn:aws:iam::{PROD}:role/hybrid-prod-eu-controlle*",
        f"arn:aws:iam::{PROD}:role/hybrid-prod-eu-delivery",
        f"arn:aws:iam::{PROD}:role/hybrid-prod-eu-foundatio*",
    ]
    assert not reading("promoted-prod-eu-foundation")


def test_models_that_are_shared_may_be_read_where_they_are_served_and_checked(delivered: Templates) -> None:
    shared = "arn:aws:s3:::hybrid-staging-foundatio*"
    assert sids(delivered["hybrid-prod-eu-foundation"])["ReadSharedArtifacts"]["Resource"] == f"{shared}/*"
    checks = [
        one
        for _, one in statements(delivered["hybrid-prod-eu-controller"])
        if one.get("Sid") == "ReadArtifact"
    ]
    assert any(f"{shared}/*" in as_list(one["Resource"]) for one in checks)


def test_approvals_reach_the_pipeline_by_a_bus_that_takes_them_from_these_accounts_only(
    pipeline: dict[str, Any], delivered: Templates
) -> None:
    policies = [one["Statement"] for one in properties(pipeline, "AWS::Events::EventBusPolicy")]
    principals = [sorted(one["Principal"]["AWS"]) for one in policies]
    assert sorted(principals) == [[ROOT_OF.format(DEV), ROOT_OF.format(STAGING)], [ROOT_OF.format(STAGING)]]
    (rule,) = properties(delivered["promoted-dev-delivery"], "AWS::Events::Rule")
    (target,) = rule["Targets"]
    assert target["Arn"] == f"arn:aws:events:eu-west-1:{TOOLING}:event-bus/tidegate-promoted-start"
    assert rule["EventPattern"]["detail"]["ModelPackageGroupName"] == ["promoted-dev"]
    assert not properties(delivered["promoted-prod-eu-delivery"], "AWS::Events::Rule")


@pytest.fixture(scope="module")
def one_account(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Templates]:
    """The example with every environment in one account and region, but for the second region."""
    folder = tmp_path_factory.mktemp("one-account")
    for path in DELIVERY.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(DELIVERY)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                path.read_text().replace(DEV, TOOLING).replace(STAGING, TOOLING).replace(PROD, TOOLING)
            )
    found = synthesized(folder, tmp_path_factory.mktemp("out"))
    templates = {
        stack.stack_name: stack.template
        for nested in found.nested_assemblies
        for stack in nested.nested_assembly.stacks
    }
    return dict(found.get_stack_by_name("tidegate-pipeline").template), templates


def test_one_account_needs_no_policy_for_itself_and_no_bus(
    one_account: tuple[dict[str, Any], Templates],
) -> None:
    pipeline, delivered = one_account
    assert not properties(pipeline, "AWS::Events::EventBus")
    for stack, template in delivered.items():
        for group in properties(template, "AWS::SageMaker::ModelPackageGroup"):
            assert "ModelPackageGroupPolicy" not in group, stack
        if stack.endswith("-delivery"):
            assert not properties(template, "AWS::Events::Rule"), stack
        assert "ReadArtifacts444455556666" not in json.dumps(template), stack
    read = sids(delivered["promoted-staging-delivery"])["ReadSources"]
    assert "Condition" not in read


def test_rules_on_the_default_bus_call_the_start_directly_in_one_account(
    one_account: tuple[dict[str, Any], Templates],
) -> None:
    rules = properties(one_account[0], "AWS::Events::Rule")
    groups = {
        one["EventPattern"]["detail"]["ModelPackageGroupName"][0]: flat(one["Targets"][0]["Arn"])
        for one in rules
        if one["EventPattern"].get("source") == ["aws.sagemaker"]
    }
    assert {"promoted-dev", "promoted-staging", "hybrid-staging"} <= set(groups)
    assert all("Start" in arn for arn in groups.values())
