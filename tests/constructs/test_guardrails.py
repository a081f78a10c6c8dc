from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from tidegate import (
    CapacitySize,
    DeploymentGuardrails,
    EndpointAlarm,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    TargetTracking,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
ENDPOINT = "AWS::SageMaker::Endpoint"
ALARM = "AWS::CloudWatch::Alarm"
MARKETPLACE = "arn:aws:sagemaker:us-east-1:865070037744:model-package/seller-model-0"
ERRORS = EndpointAlarm.server_error_rate(at_least=0.05)
TEN_MINUTES = Duration.minutes(10)


def canary(**changes: Any) -> DeploymentGuardrails:
    fields = {"size": CapacitySize.percent(25), "bake": TEN_MINUTES, "alarms": [ERRORS]}
    return DeploymentGuardrails.canary(**{**fields, **changes})


def guarded(
    stack: Stack, variants: list[InstanceVariant], guardrails: DeploymentGuardrails
) -> RealTimeEndpoint:
    return RealTimeEndpoint(
        stack, "Endpoint", variants=variants, endpoint_name="digits", guardrails=guardrails
    )


def routing(template: Template) -> Any:
    (endpoint,) = template.find_resources(ENDPOINT).values()
    return endpoint["Properties"]["DeploymentConfig"]


def test_without_guardrails_the_endpoint_says_nothing_about_its_deployment(
    stack: Stack, variant: Make, template: Render
) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()])
    template().has_resource_properties(ENDPOINT, {"DeploymentConfig": Match.absent()})


def test_a_canary_is_one_part_of_the_fleet_then_the_rest(
    stack: Stack, variant: Make, template: Render
) -> None:
    timeout = Duration.hours(1)
    guardrails = canary(termination_wait=Duration.minutes(5), maximum_execution_timeout=timeout)
    guarded(stack, [variant(initial_count=4)], guardrails)
    assert routing(template())["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 600,
        },
        "TerminationWaitInSeconds": 300,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }


def test_linear_steps_may_be_counted_in_instances(stack: Stack, variant: Make, template: Render) -> None:
    step = CapacitySize.instances(1)
    guardrails = DeploymentGuardrails.linear(step=step, bake=TEN_MINUTES, alarms=[ERRORS])
    guarded(stack, [variant(initial_count=4)], guardrails)
    traffic = routing(template())["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert traffic["LinearStepSize"] == {"Type": "INSTANCE_COUNT", "Value": 1}
    assert "CanarySize" not in traffic


def test_all_at_once_has_no_size(stack: Stack, variant: Make, template: Render) -> None:
    guarded(stack, [variant()], DeploymentGuardrails.all_at_once(bake=TEN_MINUTES, alarms=[ERRORS]))
    traffic = routing(template())["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert traffic == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 600}


def test_rolling_goes_forward_in_batches_and_back_in_larger_ones(
    stack: Stack, variant: Make, template: Render
) -> None:
    guardrails = DeploymentGuardrails.rolling(
        batch=CapacitySize.percent(50),
        rollback_batch=CapacitySize.percent(100),
        bake=TEN_MINUTES,
        alarms=[ERRORS],
    )
    guarded(stack, [variant()], guardrails)
    config = routing(template())
    assert config["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
        "WaitIntervalInSeconds": 600,
    }
    assert "BlueGreenUpdatePolicy" not in config


def test_the_alarms_see_the_new_fleet_only(stack: Stack, variant: Make, template: Render) -> None:
    latency = EndpointAlarm.model_latency(
        percentile=90, at_least=Duration.millis(200), expected_requests_per_minute=600
    )
    guarded(stack, [variant(initial_count=4)], canary(alarms=[ERRORS, latency]))
    rendered = template()
    (config,) = rendered.find_resources("AWS::SageMaker::EndpointConfig")
    alarms = [alarm["Properties"] for alarm in rendered.find_resources(ALARM).values()]
    watched = [
        query["MetricStat"]["Metric"]
        for alarm in alarms
        for query in alarm.get("Metrics", [])
        if "MetricStat" in query
    ] + [alarm for alarm in alarms if "Dimensions" in alarm]
    assert len(watched) == 3
    for metric in watched:
        assert {one["Name"]: one["Value"] for one in metric["Dimensions"]} == {
            "EndpointName": "digits",
            "VariantName": "live",
            "EndpointConfigName": {"Fn::GetAtt": [config, "EndpointConfigName"]},
        }
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_every_variant_has_its_alarm_and_the_endpoint_refers_to_it(
    stack: Stack, variant: Make, template: Render
) -> None:
    guarded(stack, [variant(initial_count=4), variant(name="b", initial_count=4)], canary())
    rendered = template()
    named = routing(rendered)["AutoRollbackConfiguration"]["Alarms"]
    assert sorted(alarm["AlarmName"]["Ref"] for alarm in named) == sorted(rendered.find_resources(ALARM))


def test_an_alarm_of_the_user_counts_too(stack: Stack, variant: Make, template: Render) -> None:
    mine = cloudwatch.Alarm.from_alarm_arn(
        stack, "Mine", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:mine"
    )
    guarded(stack, [variant(initial_count=4)], canary(alarms=[mine]))
    rendered = template()
    assert routing(rendered)["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "mine"}]}
    rendered.resource_count_is(ALARM, 0)


def test_the_execution_role_may_read_exactly_these_alarms_before_the_endpoint_is_made(
    stack: Stack, template: Render
) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = Model(
        stack, "Model", source=ModelSource.model_package(MARKETPLACE.replace("8650", "1111")), role=role
    )
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=4)
    guarded(stack, [live], canary())
    rendered = template()
    ((policy, found),) = rendered.find_resources("AWS::IAM::ManagedPolicy").items()
    (statement,) = found["Properties"]["PolicyDocument"]["Statement"]
    (alarm,) = rendered.find_resources(ALARM)
    assert statement["Action"] == "cloudwatch:DescribeAlarms"
    assert statement["Resource"] == {"Fn::GetAtt": [alarm, "Arn"]}
    (endpoint,) = rendered.find_resources(ENDPOINT).values()
    assert policy in endpoint["DependsOn"]


def test_the_shape_changes_with_an_alarm_of_the_user(stack: Stack, variant: Make) -> None:
    live = variant(initial_count=4)
    hashes = set()
    for name in ("one", "two"):
        arn = f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}"
        mine = cloudwatch.Alarm.from_alarm_arn(stack, f"Alarm-{name}", arn)
        made = RealTimeEndpoint(
            stack, name, variants=[live], endpoint_name="digits", guardrails=canary(alarms=[mine])
        )
        hashes.add(made.shape_hash)
    assert len(hashes) == 2


def test_an_imported_role_is_left_alone(stack: Stack, variant: Make, template: Render) -> None:
    guarded(stack, [variant(initial_count=4)], canary())
    template().resource_count_is("AWS::IAM::ManagedPolicy", 0)


def test_the_shape_changes_with_the_guardrails(stack: Stack, variant: Make) -> None:
    live = variant(initial_count=4)
    one, same, other = (
        RealTimeEndpoint(stack, name, variants=[live], endpoint_name="digits", guardrails=guardrails)
        for name, guardrails in (("A", canary()), ("B", canary()), ("C", canary(bake=Duration.minutes(5))))
    )
    assert one.shape_hash == same.shape_hash
    assert one.shape_hash != other.shape_hash


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bake": Duration.seconds(3601)}, "bake must be 0 to 3600 s, got 3601 s"),
        ({"termination_wait": Duration.hours(2)}, "termination_wait must be 0 to 3600 s, got 7200 s"),
        ({"maximum_execution_timeout": Duration.minutes(5)}, "must be 600 to 28800 s, got 300 s"),
        ({"maximum_execution_timeout": Duration.hours(9)}, "must be 600 to 28800 s, got 32400 s"),
        # The waits of AWS's own example of a canary use its time-out up.
        (
            {"termination_wait": TEN_MINUTES, "maximum_execution_timeout": Duration.minutes(30)},
            "must exceed the sum of the waits, 1800 s, got 1800 s",
        ),
        ({"alarms": []}, "alarms must be 1 to 10, got 0, because without an alarm nothing rolls back"),
        ({"alarms": [ERRORS, ERRORS]}, "alarms must differ in name, got '5xx' twice"),
        ({"size": CapacitySize.percent(51)}, "canary step must be at most 50 percent of the fleet, got 51"),
        ({"alarms": [EndpointAlarm.no_traffic(minutes=5)]}, "must not treat missing data as breaching"),
        (
            {"alarms": [EndpointAlarm.saturation("MemoryUtilization", percent=90)]},
            "MemoryUtilization cannot see the new fleet only, .* no dimension EndpointConfigName",
        ),
        ({"bake": Duration.minutes(2)}, "'5xx' needs 180 s to fire, but a bake lasts 120 s"),
    ],
)
def test_rejects_guardrails_that_sagemaker_refuses_or_that_guard_nothing(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        canary(**changes)


@pytest.mark.parametrize("percent", [9, 51])
def test_rejects_a_linear_step_out_of_bounds(percent: int) -> None:
    with pytest.raises(ValueError, match=rf"linear step must be 10 to 50 percent .*got {percent}"):
        DeploymentGuardrails.linear(step=CapacitySize.percent(percent), bake=TEN_MINUTES, alarms=[ERRORS])


@pytest.mark.parametrize("percent", [4, 51])
def test_rejects_a_rolling_batch_out_of_bounds(percent: int) -> None:
    with pytest.raises(ValueError, match=rf"rolling step must be 5 to 50 percent .*got {percent}"):
        DeploymentGuardrails.rolling(batch=CapacitySize.percent(percent), bake=TEN_MINUTES, alarms=[ERRORS])


def test_rejects_linear_steps_whose_bakes_outlast_any_timeout() -> None:
    with pytest.raises(ValueError, match=r"must exceed the sum of the waits, 36000 s, got 28800 s"):
        DeploymentGuardrails.linear(step=CapacitySize.percent(10), bake=Duration.hours(1), alarms=[ERRORS])


@pytest.mark.parametrize("value", [0, 101])
def test_rejects_an_impossible_percentage(value: int) -> None:
    with pytest.raises(ValueError, match=rf"CAPACITY_PERCENT must be 1 to 100, got {value}"):
        CapacitySize.percent(value)


@pytest.mark.parametrize(("instances", "percent"), [(1, 50), (2, 25), (9, 10)])
def test_rejects_a_canary_smaller_than_one_instance(
    stack: Stack, variant: Make, instances: int, percent: int
) -> None:
    with pytest.raises(
        ValueError, match=rf"at least one instance: variant 'live' with {instances} .*canary-below-one"
    ):
        guarded(stack, [variant(initial_count=instances)], canary(size=CapacitySize.percent(percent)))


def test_rejects_a_canary_of_more_than_half_of_the_instances(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"at most 50 percent of the fleet, got 2 instances of 3"):
        guarded(stack, [variant(initial_count=3)], canary(size=CapacitySize.instances(2)))


def test_rejects_scaling_in_below_what_the_canary_needs(stack: Stack, variant: Make) -> None:
    live = variant(initial_count=4)
    endpoint = guarded(stack, [live], canary())
    tracking = TargetTracking(min_capacity=2, max_capacity=8, invocations_per_instance_per_minute=60)
    with pytest.raises(ValueError, match=r"smallest scaled fleet: a canary step is at least one instance"):
        endpoint.add_scaling(live, tracking=tracking)


def test_rejects_instances_that_silently_do_without_guardrails(stack: Stack, variant: Make) -> None:
    guarded(stack, [variant(instance_type="ml.inf2.xlarge", initial_count=4)], canary())
    with pytest.raises(ValueError, match=r"guardrail-canary with inf1: .*all traffic at once, without bake"):
        RealTimeEndpoint(
            stack,
            "Old",
            variants=[variant(instance_type="ml.inf1.xlarge", initial_count=4)],
            endpoint_name="old",
            guardrails=canary(),
        )


def test_rejects_a_marketplace_package(stack: Stack, role: iam.IRole, variant: Make) -> None:
    model = Model(stack, "Bought", source=ModelSource.model_package(MARKETPLACE), role=role)
    with pytest.raises(ValueError, match=r"guardrail-canary with marketplace: .*all traffic at once"):
        guarded(stack, [variant(model=model, initial_count=4)], canary())


def test_rejects_rolling_with_several_variants(stack: Stack, variant: Make) -> None:
    guardrails = DeploymentGuardrails.rolling(
        batch=CapacitySize.percent(50), bake=TEN_MINUTES, alarms=[ERRORS]
    )
    with pytest.raises(ValueError, match=r"with several-variants: rolling deployments exclude"):
        guarded(stack, [variant(), variant(name="b")], guardrails)


def test_rejects_more_than_ten_alarms_over_all_variants(stack: Stack, variant: Make) -> None:
    variants = [variant(name=f"v{n}", initial_count=4) for n in range(4)]
    alarms = [
        ERRORS,
        EndpointAlarm.model_error_rate(at_least=0.05),
        EndpointAlarm.client_error_rate(at_least=0.5),
    ]
    with pytest.raises(ValueError, match=r"at most 10 in all, got 12 for 4 variants"):
        guarded(stack, variants, canary(alarms=alarms))


def test_rejects_a_fast_alarm_on_slow_metrics(stack: Stack, variant: Make) -> None:
    fast = EndpointAlarm.server_error_rate(at_least=0.05, period_seconds=10)
    with pytest.raises(ValueError, match=r"period of 10 s, but Invocation5XXErrors comes every 60 s"):
        guarded(stack, [variant(initial_count=4)], canary(alarms=[fast]))
    RealTimeEndpoint(
        stack,
        "Fast",
        variants=[variant(initial_count=4)],
        endpoint_name="fast",
        metrics_frequency_seconds=10,
        guardrails=canary(alarms=[fast]),
    )


def test_rejects_guardrails_on_an_unnamed_endpoint(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"guardrails need an endpoint_name"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant(initial_count=4)], guardrails=canary())
