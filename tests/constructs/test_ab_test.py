import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from ab_test.settings import Settings
from tidegate import ABTest, InstanceVariant, RealTimeEndpoint

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]

END: Final = datetime(2027, 1, 31, 12, tzinfo=UTC)
FUNCTION: Final = "AWS::Lambda::Function"


@pytest.fixture
def old(variant: Make) -> InstanceVariant:
    return variant(name="old", weight=80)


@pytest.fixture
def new(variant: Make) -> InstanceVariant:
    return variant(name="new", weight=20, instance_type="ml.c5.xlarge")


@pytest.fixture
def endpoint(stack: Stack, old: InstanceVariant, new: InstanceVariant) -> RealTimeEndpoint:
    return RealTimeEndpoint(stack, "Endpoint", variants=[old, new], endpoint_name="Ranking")


@pytest.fixture
def make(stack: Stack, endpoint: RealTimeEndpoint, old: InstanceVariant, new: InstanceVariant) -> Any:
    def test(construct_id: str = "Test", **changes: Any) -> ABTest:
        fields = {"endpoint": endpoint, "variants": [old, new], "champion": old, "deadline": END}
        return ABTest(stack, construct_id, **{**fields, **changes})

    return test


def environment(template: Template) -> dict[str, Any]:
    (function,) = template.find_resources(FUNCTION).values()
    return dict(function["Properties"]["Environment"]["Variables"])


def statements(template: Template) -> dict[str, Any]:
    (policy,) = [
        found["Properties"]["PolicyDocument"]["Statement"]
        for name, found in template.find_resources("AWS::IAM::ManagedPolicy").items()
        if name.startswith("TestHandler")
    ]
    return {one["Sid"]: one for one in policy}


def test_one_function_and_one_rule_every_five_minutes_are_all_there_is(make: Any, template: Render) -> None:
    make()
    rendered = template()
    rendered.resource_count_is(FUNCTION, 1)
    rendered.resource_properties_count_is(
        "AWS::Events::Rule", {"ScheduleExpression": "cron(0/5 * * * ? *)", "State": "ENABLED"}, 1
    )
    rendered.resource_count_is("AWS::Scheduler::Schedule", 0)
    rendered.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})
    rendered.resource_count_is("AWS::IAM::Policy", 0)


def test_the_function_understands_what_the_construct_tells_it(make: Any, template: Render) -> None:
    make(idle_after=Duration.hours(36))
    found = Settings.from_env(environment(template()))
    assert found == Settings(
        endpoint_name="Ranking",
        champion="old",
        instance_types={"old": "ml.m5.large", "new": "ml.c5.xlarge"},
        deadline=int(END.timestamp()),
        idle_after_seconds=36 * 3600,
    )


def test_a_variant_expires_after_a_day_by_default(make: Any, template: Render) -> None:
    make()
    assert Settings.from_env(environment(template())).idle_after_seconds == 86_400


def test_a_deadline_means_the_same_moment_in_every_time_zone(make: Any, template: Render) -> None:
    make(deadline=datetime(2027, 1, 31, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    assert Settings.from_env(environment(template())).deadline == END.timestamp()


def test_the_rule_waits_for_the_endpoint(make: Any, template: Render) -> None:
    make()
    rendered = template()
    (endpoint_id,) = rendered.find_resources("AWS::SageMaker::Endpoint")
    (rule,) = rendered.find_resources("AWS::Events::Rule").values()
    assert endpoint_id in rule["DependsOn"]


def test_the_function_may_touch_this_endpoint_only(make: Any, template: Render) -> None:
    make()
    found = statements(template())
    assert {sid: one["Action"] for sid, one in found.items()} == {
        "WriteLog": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "ReadEndpoint": "sagemaker:DescribeEndpoint",
        "ReadConfig": "sagemaker:DescribeEndpointConfig",
        "MoveTraffic": "sagemaker:UpdateEndpointWeightsAndCapacities",
        "ReadMetrics": "cloudwatch:GetMetricData",
        "ReadScaling": "application-autoscaling:DescribeScalableTargets",
        "LowerMinimum": "application-autoscaling:RegisterScalableTarget",
    }
    for sid in ("ReadEndpoint", "MoveTraffic"):
        assert found[sid]["Resource"] == [
            "arn:aws:sagemaker:us-east-1:000000000000:endpoint/Ranking",
            "arn:aws:sagemaker:us-east-1:000000000000:endpoint/ranking",
        ]
    assert found["LowerMinimum"]["Condition"] == {
        "StringEqualsIfExists": {"application-autoscaling:service-namespace": "sagemaker"}
    }


def test_only_actions_without_resources_of_their_own_are_allowed_on_all(make: Any, template: Render) -> None:
    make()
    wide = {sid for sid, one in statements(template()).items() if one["Resource"] == "*"}
    assert wide == {"ReadMetrics", "ReadScaling"}


def test_the_configuration_is_the_stacks_own_by_name_and_by_arn(make: Any, template: Render) -> None:
    make()
    rendered = template()
    (config,) = rendered.find_resources("AWS::SageMaker::EndpointConfig")
    by_arn, by_name = statements(rendered)["ReadConfig"]["Resource"]
    assert by_arn == {"Ref": config}
    assert by_name["Fn::Join"][1][-1] == {"Fn::GetAtt": [config, "EndpointConfigName"]}


def test_without_a_topic_nothing_may_publish(make: Any, template: Render) -> None:
    make()
    rendered = template()
    assert "TOPIC_ARN" not in environment(rendered)
    assert "sns:" not in json.dumps(rendered.to_json())


def test_an_encrypted_topic_is_told_with_its_key(make: Any, stack: Stack, template: Render) -> None:
    key = kms.Key(stack, "Key")
    make(topic=sns.Topic(stack, "Topic", master_key=key))
    rendered = template()
    (topic_id,) = rendered.find_resources("AWS::SNS::Topic")
    found = statements(rendered)
    assert found["Notify"]["Resource"] == {"Ref": topic_id}
    assert found["EncryptNotice"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert found["EncryptNotice"]["Resource"]["Fn::GetAtt"][1] == "Arn"
    assert environment(rendered)["TOPIC_ARN"] == {"Ref": topic_id}


def test_variants_that_take_no_part_are_not_named(
    stack: Stack, variant: Make, old: InstanceVariant, new: InstanceVariant, template: Render
) -> None:
    variants = [old, new, variant(name="other")]
    endpoint = RealTimeEndpoint(stack, "Three", variants=variants, endpoint_name="three")
    ABTest(stack, "Test", endpoint=endpoint, variants=[old, new], champion=new, deadline=END)
    assert set(Settings.from_env(environment(template())).instance_types) == {"old", "new"}


def test_the_function_runs_by_its_fixed_handler(make: Any, template: Render) -> None:
    make()
    template().has_resource_properties(
        FUNCTION, {"Handler": "ab_test.handler.handle", "LoggingConfig": {"LogGroup": Match.any_value()}}
    )


def test_rejects_a_deadline_without_a_time_zone(make: Any) -> None:
    with pytest.raises(ValueError, match="deadline must have a time zone, got 2027-01-31T12:00:00"):
        make(deadline=END.replace(tzinfo=None))


@pytest.mark.parametrize("patience", [Duration.minutes(59), Duration.days(456)])
def test_rejects_a_patience_that_hourly_sums_cannot_judge(make: Any, patience: Duration) -> None:
    with pytest.raises(ValueError, match=r"idle_after must be 1 hour to 455 days, got \d+ s"):
        make(idle_after=patience)


def test_rejects_fewer_than_two_variants(make: Any, old: InstanceVariant) -> None:
    with pytest.raises(ValueError, match=r"variants must be at least 2 different ones, got \['old'\]"):
        make(variants=[old])


def test_rejects_the_same_variant_twice(make: Any, old: InstanceVariant, new: InstanceVariant) -> None:
    with pytest.raises(ValueError, match="variants must differ in name, got 'old' twice"):
        make(variants=[old, new, old])


def test_rejects_a_champion_that_takes_no_part(make: Any, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"champion must be one of \['old', 'new'\], got 'third'"):
        make(champion=variant(name="third"))


def test_rejects_a_variant_that_the_endpoint_does_not_have(
    make: Any, old: InstanceVariant, variant: Make
) -> None:
    with pytest.raises(ValueError, match=r"must be of the endpoint's \['old', 'new'\], got 'third'"):
        make(variants=[old, variant(name="third")])


def test_rejects_the_candidate_of_a_rollout(stack: Stack, variant: Make) -> None:
    variants = [variant(name="live"), variant(name="candidate")]
    endpoint = RealTimeEndpoint(stack, "Two", variants=variants, endpoint_name="two")
    with pytest.raises(ValueError, match="must not contain 'candidate': it belongs to rollouts"):
        ABTest(stack, "Test", endpoint=endpoint, variants=variants, champion=variants[0], deadline=END)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ((1, 0), r"at least two of the variants must have a weight above 0, got \{'a': 1, 'b': 0\}"),
        ((0, 1), r"champion must have a weight above 0, got 0: in the end it would get traffic"),
    ],
)
def test_rejects_shares_that_compare_nothing(
    stack: Stack, variant: Make, weights: tuple[float, float], message: str
) -> None:
    variants = [variant(name=name, weight=weight) for name, weight in zip("ab", weights, strict=True)]
    endpoint = RealTimeEndpoint(stack, "Two", variants=variants, endpoint_name="two")
    with pytest.raises(ValueError, match=message):
        ABTest(stack, "Test", endpoint=endpoint, variants=variants, champion=variants[0], deadline=END)


def test_rejects_an_endpoint_that_cloudformation_names(
    stack: Stack, old: InstanceVariant, new: InstanceVariant
) -> None:
    endpoint = RealTimeEndpoint(stack, "Unnamed", variants=[old, new])
    with pytest.raises(ValueError, match="endpoint must have an endpoint_name"):
        ABTest(stack, "Test", endpoint=endpoint, variants=[old, new], champion=old, deadline=END)


def test_rejects_an_endpoint_of_another_stack(
    stack: Stack, endpoint: RealTimeEndpoint, old: InstanceVariant, new: InstanceVariant
) -> None:
    place = Environment(account="000000000000", region="us-east-1")
    other = Stack(App.of(stack), "elsewhere", env=place)
    with pytest.raises(ValueError, match="must be in the endpoint's stack 'stack', got 'elsewhere'"):
        ABTest(other, "Test", endpoint=endpoint, variants=[old, new], champion=old, deadline=END)


def test_rejects_a_second_test_on_the_same_variant(make: Any) -> None:
    make()
    with pytest.raises(ValueError, match="variant 'old' takes part in another A/B test"):
        make("Second")


def test_rejects_a_fifo_topic(make: Any, stack: Stack) -> None:
    with pytest.raises(ValueError, match="topic must not be a FIFO topic"):
        make(topic=sns.Topic(stack, "Topic", fifo=True))


def test_rejects_several_faults_in_one_error(make: Any, old: InstanceVariant) -> None:
    with pytest.raises(
        ValueError, match=r"A/B test 'Test': variants must be .*; deadline must .*; idle_after"
    ):
        make(variants=[old], deadline=END.replace(tzinfo=None), idle_after=Duration.minutes(1))
