"""Role, function, start and pipeline of a delivery: what they refuse, and what they promise by themselves."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tidegate import (
    DeliverFunction,
    DeliveryEvents,
    DeliveryRole,
    DeliveryStart,
    ModelPipeline,
    PromotedPlace,
    Promotion,
    PromotionStage,
)
from tidegate._delivery_permissions import ModelOrigin
from tidegate._job import Job, JobPlace
from tidegate._targets import Place

ACCOUNT, REGION = "000000000000", "eu-west-1"
TRUSTED = f"arn:aws:iam::{ACCOUNT}:role/tidegate-digits-deliver"


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "stack", env=Environment(account=ACCOUNT, region=REGION))


def place(name: str) -> JobPlace:
    return JobPlace(
        environment=name,
        name=f"digits-{name}",
        region=REGION,
        role=f"arn:aws:iam::111111111111:role/digits-{name}-delivery",
        pointer=f"/digits/{name}",
    )


def origin(name: str, *, account: str = ACCOUNT) -> ModelOrigin:
    return ModelOrigin(name=f"digits-{name}", place=Place(partition="aws", region=REGION, account=account))


def job(do: str, name: str = "staging") -> Job:
    return Job(do=do, at=place(name), namespace=f"{name}_{do}")


def delivery_role(stack: Stack, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "endpoint_name": "digits-staging",
        "pointer_parameter": "/digits/staging",
        "ledger_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger",
        "artifact_bucket_arn": "arn:aws:s3:::artifacts",
        "execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/execution",
        "trusted_roles": [TRUSTED],
        "jobs": ["follow"],
    }
    DeliveryRole(stack, "Role", **{**fields, **changes})


def test_a_role_is_named_after_its_endpoint_and_sessions_are_short(stack: Stack) -> None:
    delivery_role(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Role", {"RoleName": "digits-staging-delivery", "MaxSessionDuration": 3600}
    )


def test_rejects_a_role_with_everything_that_is_wrong_at_once(stack: Stack) -> None:
    other = "arn:aws:iam::999999999999:role/other"
    with pytest.raises(ValueError, match="delivery role") as refusal:
        delivery_role(stack, endpoint_name="x" * 60, jobs=["dance"], trusted_roles=[TRUSTED, other])
    for message in (
        "its name must be at most 64 characters, got 69",
        "got ['dance']",
        "trusted_roles must be roles of one account",
    ):
        assert message in str(refusal.value)


def test_a_role_of_one_job_may_nothing_of_the_others(stack: Stack) -> None:
    delivery_role(stack, jobs=["smoke"])
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sagemaker:InvokeEndpoint"


def deliver(stack: Stack, **changes: Any) -> None:
    bucket = s3.Bucket(stack, "Released", versioned=True)
    fields: dict[str, Any] = {
        "function_name": "tidegate-digits-deliver",
        "delivery_roles": [place("staging").role],
        "pipelines": ["tidegate"],
        "released": (bucket, "digits/released.zip"),
    }
    DeliverFunction(stack, "Deliver", **{**fields, **changes})


def test_a_function_may_take_roles_answer_and_mark_and_nothing_else(stack: Stack) -> None:
    deliver(stack)
    template = Template.from_stack(stack)
    (policy,) = template.find_resources("AWS::IAM::ManagedPolicy").values()
    actions = [one["Action"] for one in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert actions == [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        "sts:AssumeRole",
        ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
        "codepipeline:ListActionExecutions",
        ["s3:GetObject", "s3:PutObject"],
        "s3:ListBucket",
    ]
    template.has_resource_properties(
        "AWS::Lambda::Function", {"FunctionName": "tidegate-digits-deliver", "Timeout": 300}
    )
    template.has_resource_properties("AWS::IAM::Role", {"RoleName": "tidegate-digits-deliver"})


def test_rejects_a_function_that_may_go_nowhere_or_whose_name_is_too_long(stack: Stack) -> None:
    with pytest.raises(ValueError, match="delivery_roles must name a role, got none"):
        deliver(stack, delivery_roles=[], function_name="x" * 65)


def start(stack: Stack, **changes: Any) -> Template:
    fields: dict[str, Any] = {
        "function_name": "tidegate-digits-start",
        "pipeline_name": "tidegate-digits-models",
        "origins": [origin("dev")],
        "places": [PromotedPlace(place=place("staging"), source="digits-dev")],
    }
    DeliveryStart(stack, "Start", **{**fields, **changes})
    return Template.from_stack(stack)


def test_events_of_the_own_account_need_no_bus(stack: Stack) -> None:
    template = start(stack)
    template.resource_count_is("AWS::Events::EventBus", 0)
    pattern = {"account": [ACCOUNT], "detail": Match.object_like({"ModelPackageGroupName": ["digits-dev"]})}
    template.has_resource_properties("AWS::Events::Rule", {"EventPattern": Match.object_like(pattern)})


def test_a_bus_takes_registry_events_from_exactly_the_foreign_accounts(stack: Stack) -> None:
    accounts = ("111111111111", "222222222222")
    origins = [origin("dev", account=accounts[0]), origin("qa", account=accounts[1]), origin("lab")]
    template = start(stack, origins=origins)
    template.has_resource_properties("AWS::Events::EventBus", {"Name": "tidegate-digits-start"})
    (policy,) = template.find_resources("AWS::Events::EventBusPolicy").values()
    statement = policy["Properties"]["Statement"]
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{one}:root" for one in accounts]}
    assert statement["Condition"] == {"StringEquals": {"events:source": "aws.sagemaker"}}
    rules = template.find_resources("AWS::Events::Rule").values()
    assert sorted("EventBusName" in one["Properties"] for one in rules) == [False, True, True]


def test_what_could_not_be_delivered_is_kept_and_told(stack: Stack) -> None:
    template = start(stack)
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm", {"AlarmName": "tidegate-digits-start-lost-events"}
    )
    (rule,) = template.find_resources("AWS::Events::Rule").values()
    assert "DeadLetterConfig" in rule["Properties"]["Targets"][0]


def test_rejects_a_start_whose_places_come_from_nowhere_or_do_not_fit(stack: Stack) -> None:
    many = [PromotedPlace(place=place(f"e{number}"), source="elsewhere") for number in range(40)]
    with pytest.raises(ValueError, match="places must take at most 3500 characters") as refusal:
        start(stack, places=many)
    assert "source must be one of ['digits-dev'], got ['elsewhere']" in str(refusal.value)
    other = Stack(App(), "other", env=Environment(account=ACCOUNT, region=REGION))
    with pytest.raises(ValueError, match="origins must name a group, got none; places must name"):
        start(other, origins=[], places=[])


def test_an_environment_sends_approvals_and_rejections_to_the_bus_under_a_role_of_its_own(
    stack: Stack,
) -> None:
    bus = "arn:aws:events:eu-west-1:444455556666:event-bus/tidegate-digits-start"
    DeliveryEvents(stack, "Events", group_name="digits-dev", bus_arn=bus)
    template = Template.from_stack(stack)
    target = {"Arn": bus, "RoleArn": Match.any_value()}
    detail = {
        "ModelPackageGroupName": ["digits-dev"],
        "ModelApprovalStatus": ["Approved", "Rejected"],
    }
    pattern = Match.object_like({"detail": detail})
    template.has_resource_properties(
        "AWS::Events::Rule", {"EventPattern": pattern, "Targets": [Match.object_like(target)]}
    )
    statement = Match.object_like({"Action": "events:PutEvents", "Resource": bus})
    template.has_resource_properties(
        "AWS::IAM::ManagedPolicy", {"PolicyDocument": Match.object_like({"Statement": [statement]})}
    )


def pipeline(stack: Stack, stages: Sequence[PromotionStage], **changes: Any) -> dict[str, Any]:
    bucket = s3.Bucket(stack, "Released", versioned=True)
    fields: dict[str, Any] = {
        "pipeline_name": "tidegate-digits-models",
        "function_name": "tidegate-digits-deliver",
        "released": (bucket, "digits/released.zip"),
        "stages": stages,
    }
    ModelPipeline(stack, "Models", **{**fields, **changes})
    (found,) = Template.from_stack(stack).find_resources("AWS::CodePipeline::Pipeline").values()
    return dict(found["Properties"])


def two_waves(*, question: str | None = None) -> PromotionStage:
    def one(name: str) -> Promotion:
        return Promotion(before=[job("register", name), job("validate", name)], after=[job("approve", name)])

    return PromotionStage(
        name="prod",
        waves=[[one("eu")], [one("us"), one("ap")]],
        question=question,
        bakes=[[job("bake", "eu")], [job("bake", "us")]],
    )


def test_waves_come_one_after_the_other_with_a_bake_between_and_none_at_the_end(stack: Stack) -> None:
    found = pipeline(stack, [two_waves(question="Go?")])
    (stage,) = found["Stages"][1:]
    assert [(one["RunOrder"], one["Name"]) for one in stage["Actions"]] == [
        (1, "eu-register"),
        (1, "us-register"),
        (1, "ap-register"),
        (2, "eu-validate"),
        (2, "us-validate"),
        (2, "ap-validate"),
        (3, "Approve"),
        (4, "eu-approve"),
        (5, "eu-bake"),
        (6, "us-approve"),
        (6, "ap-approve"),
    ]


def test_executions_wait_for_each_other_and_are_about_one_version(stack: Stack) -> None:
    found = pipeline(stack, [two_waves()])
    assert (found["PipelineType"], found["ExecutionMode"]) == ("V2", "QUEUED")
    assert {one["Name"]: one["DefaultValue"] for one in found["Variables"]} == {
        "ModelPackageArn": "none",
        "Rollout": "any",
    }


def test_the_evidence_of_many_environments_is_cut_so_that_its_longest_form_still_fits() -> None:
    promotions = [Promotion(before=[job("validate", f"region{number}")]) for number in range(9)]
    stage = PromotionStage(name="prod", waves=[promotions], question="Approve #{variables.ModelPackageArn}?")
    (text,) = [step for step in stage.steps() if isinstance(step, str)]
    lines = text.splitlines()
    assert lines[-1] == "(and more: see the actions before)"
    longest = sum(len(line.split("#{")[0]) + 240 * ("#{" in line) + 1 for line in lines)
    assert longest <= 1000


def test_rejects_a_pipeline_that_codepipeline_would_not_take(stack: Stack) -> None:
    empty = PromotionStage(name="prod", waves=[[Promotion()]], question=None)
    wordy = PromotionStage(name="more", waves=[[Promotion(after=[job("follow")])]], question="x" * 501)
    with pytest.raises(ValueError, match="model pipeline") as refusal:
        pipeline(stack, [empty, wordy], pipeline_name="x" * 101)
    for message in (
        "its name must be at most 100 characters, got 101",
        "stage 'prod' must have 1 to 50 actions, got 0",
        "the question of stage 'more' must be at most 500 characters",
    ):
        assert message in str(refusal.value)


def test_the_role_of_a_pipeline_may_call_one_function_and_read_one_marker(stack: Stack) -> None:
    pipeline(stack, [two_waves()])
    policies = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    (document,) = [one["Properties"]["PolicyDocument"] for one in policies]
    by_sid = {one["Sid"]: one for one in document["Statement"]}
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tidegate-digits-deliver"
    assert by_sid["CallDeliver"]["Resource"] == function
    assert "digits/released.zip" in json.dumps(by_sid["ReadReleased"]["Resource"])
    assert "TellOfApprovals" not in by_sid
