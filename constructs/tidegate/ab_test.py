"""An A/B test that ends by itself."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._ab_test_rules import check_endpoint, check_times, check_variants, claim
from tidegate._event_rule import EventRule
from tidegate._handlers import Handler
from tidegate._permissions import Conditions, Statement, allow
from tidegate._targets import Place
from tidegate._validation import Faults
from tidegate.instance_variant import InstanceVariant
from tidegate.real_time_endpoint import RealTimeEndpoint

_EVERY_FIVE_MINUTES: Final = "cron(0/5 * * * ? *)"
_TO_SAGEMAKER_SCALING: Final[Conditions] = {
    "StringEqualsIfExists": {"application-autoscaling:service-namespace": "sagemaker"}
}


class ABTest(Construct):
    """Ends a test between variants of one endpoint at its deadline, and expires variants that nobody calls.

    Every five minutes a function looks at the endpoint. From the deadline on it gives the champion all of the
    test's traffic and takes each other variant down to one instance. Before, it takes traffic and instances
    from a variant that had no request for `idle_after` while the endpoint had enough of them. It takes one
    step in each run, never while the endpoint is being updated or a rollout is in flight, and lowers the
    minimum of a scaled variant to 1. It cannot remove a variant, since the stack owns the configuration: it
    tells which to remove, and what they still cost, at each step and once a day (08:00 UTC); in the three
    days before the deadline it reminds of it.

    A deploy that makes a new configuration takes the weights and, without scaling, the counts from the
    variants again; the function then starts anew.

    Args:
        scope: The parent construct, in the endpoint's stack.
        construct_id: Id within the parent.
        endpoint: The endpoint, with a name of its own.
        variants: Variants of the endpoint that take part: two or more with a weight above 0. Others keep
            their share.
        champion: One of them, with a weight above 0: it serves when the test is over, and never expires. Give
            it instances for all of the traffic: it gets that in one step.
        deadline: End of the test, with a time zone. One in the past ends the test at once.
        idle_after: How long nobody may call a variant before it expires: an hour to 455 days, a day by
            default. A new configuration starts the time anew.
        topic: Told of each step, and once a day of what is left to do; when None only the function's log
            is. A topic with an imported KMS key needs a key policy that lets the function use it.

    Raises:
        ValueError: naming every fault at once.

    Example:
        ABTest(stack, "Test", endpoint=endpoint, variants=[old, new], champion=old,
        deadline=datetime(2027, 1, 31, 12, tzinfo=UTC), idle_after=Duration.days(2), topic=topic)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: RealTimeEndpoint,
        variants: Sequence[InstanceVariant],
        champion: InstanceVariant,
        deadline: datetime,
        idle_after: Duration | None = None,
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        patience = idle_after if idle_after is not None else Duration.days(1)
        faults = Faults(f"A/B test {construct_id!r}")
        check_endpoint(faults, self, endpoint)
        check_variants(faults, endpoint, variants, champion)
        check_times(faults, deadline, patience)
        faults.require(ok=topic is None or not topic.fifo, message="topic must not be a FIFO topic, got one")
        faults.raise_if_any()
        claim(endpoint, variants)
        handler = Handler(
            self,
            "Handler",
            folder="ab_test",
            environment={
                "ENDPOINT_NAME": endpoint.endpoint_name,
                "AB_TEST": _document(variants, champion, deadline, patience),
                **({} if topic is None else {"TOPIC_ARN": topic.topic_arn}),
            },
            statements=[*_endpoint_statements(endpoint), *_other_statements(endpoint, topic)],
        )
        self.function_arn: str = handler.function_arn
        """ARN of the function that looks at the endpoint; run it by hand to look at once."""
        self._schedule(endpoint)

    def _schedule(self, endpoint: RealTimeEndpoint) -> None:
        rule = EventRule(
            self,
            "Schedule",
            description=f"Looks whether the A/B test on {endpoint.endpoint_name} is over or a variant idle",
            schedule_expression=_EVERY_FIVE_MINUTES,
            function_arn=self.function_arn,
        )
        rule.node.add_dependency(endpoint)


def _document(
    variants: Sequence[InstanceVariant], champion: InstanceVariant, deadline: datetime, idle_after: Duration
) -> str:
    test = {
        "champion": champion.name,
        "deadline": int(deadline.timestamp()),
        "idle_after_seconds": int(idle_after.to_seconds()),
        "instance_types": {variant.name: variant.instance_type for variant in variants},
    }
    return json.dumps(test, sort_keys=True)


def _endpoint_statements(endpoint: RealTimeEndpoint) -> list[Statement]:
    place, name = Place.of(Stack.of(endpoint)), endpoint.endpoint_name
    arns = [place.arn("sagemaker", f"endpoint/{spelt}") for spelt in sorted({name, name.lower()})]
    config = endpoint.node.find_child("Config")
    if not isinstance(config, sagemaker.CfnEndpointConfig):
        raise TypeError(f"an endpoint must have a CfnEndpointConfig as child Config, got {config!r}")
    # SageMaker writes names in ARNs in lower case, as the reference does; the name is as it was given.
    configs = [config.ref, place.arn("sagemaker", f"endpoint-config/{config.attr_endpoint_config_name}")]
    return [
        allow("ReadEndpoint", ["sagemaker:DescribeEndpoint"], arns),
        allow("ReadConfig", ["sagemaker:DescribeEndpointConfig"], configs),
        allow("MoveTraffic", ["sagemaker:UpdateEndpointWeightsAndCapacities"], arns),
    ]


def _other_statements(endpoint: RealTimeEndpoint, topic: sns.ITopic | None) -> list[Statement]:
    targets_of_all = Place.of(Stack.of(endpoint)).arn("application-autoscaling", "scalable-target/*")
    found = [
        allow("ReadMetrics", ["cloudwatch:GetMetricData"], ["*"]),
        allow("ReadScaling", ["application-autoscaling:DescribeScalableTargets"], ["*"]),
        allow(
            "LowerMinimum",
            ["application-autoscaling:RegisterScalableTarget"],
            [targets_of_all],
            _TO_SAGEMAKER_SCALING,
        ),
    ]
    if topic is None:
        return found
    found.append(allow("Notify", ["sns:Publish"], [topic.topic_arn]))
    if topic.master_key is not None:
        keys = ["kms:Decrypt", "kms:GenerateDataKey"]
        found.append(allow("EncryptNotice", keys, [topic.master_key.key_arn]))
    return found
