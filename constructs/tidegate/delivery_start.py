"""What starts a promotion: the approval of a version where versions come from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._delivery_permissions import ModelOrigin
from tidegate._event_rule import EventRule, registry_pattern
from tidegate._handlers import Handler
from tidegate._job import JobPlace
from tidegate._lost_events import LostEvents
from tidegate._permissions import allow
from tidegate._targets import Place
from tidegate._validation import Faults

_TIMEOUT_SECONDS: Final = 300
_LONGEST_NAME: Final = 64
_MOST_ENVIRONMENT: Final = 3_500
"""Characters for the places: Lambda's variables are 4 KB together.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedPlace:
    """An environment that versions are promoted into.

    Attributes:
        place: The environment.
        source: Group that its versions are made from.

    """

    place: JobPlace
    source: str


class DeliveryStart(Construct):
    """Starts a pipeline for each approved version, and rejects what was made from a rejected one.

    Events of the same account and region come by the default bus; those of others by a bus of its own,
    which takes events of the registry from exactly those accounts.

    Args:
        scope: The parent construct, in the pipeline's account and region.
        construct_id: Id within the parent.
        function_name: Fixed name of the function, of its role and of the bus.
        pipeline_name: Name of the pipeline that promotes.
        origins: The groups whose events count: those that versions are promoted from. Approvals of the first
            one start the pipeline.
        places: The environments that versions are promoted into, in this order.
        notify: Told of lost events; nobody is when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeliveryStart(
            stack,
            "Start",
            function_name="tidegate-digits-start",
            pipeline_name="tidegate-digits-models",
            origins=[dev],
            places=[PromotedPlace(place=staging, source="digits-dev")],
        )

    Source:
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function_name: str,
        pipeline_name: str,
        origins: Sequence[ModelOrigin],
        places: Sequence[PromotedPlace],
        notify: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        here = Place.of(Stack.of(self))
        told = json.dumps([_told(one) for one in places], separators=(",", ":"))
        _check(function_name, origins, places, told)
        actions = [] if notify is None else [notify.topic_arn]
        lost = LostEvents(self, "Lost", endpoint_name=function_name, alarm_actions=actions)
        self.function_arn: str = Handler(
            self,
            "Resource",
            folder="start_delivery",
            environment={
                "PIPELINE": pipeline_name,
                "START_GROUP": origins[0].name,
                "PLACES": told,
            },
            statements=[
                allow(
                    "StartPipeline",
                    ["codepipeline:StartPipelineExecution"],
                    [here.arn("codepipeline", pipeline_name)],
                ),
                allow("TakeDeliveryRoles", ["sts:AssumeRole"], sorted({one.place.role for one in places})),
            ],
            function_name=function_name,
            role_name=function_name,
            timeout_seconds=_TIMEOUT_SECONDS,
            lost_events=lost.arn,
        ).function_arn
        """ARN of the function."""
        foreign = [one for one in origins if one.place != here]
        bus = self._bus(function_name, sorted({one.place.account for one in foreign})) if foreign else None
        lost.accept_from([self._rule(one, lost, bus=None if one.place == here else bus) for one in origins])

    def _bus(self, name: str, accounts: Sequence[str]) -> str:
        bus = events.CfnEventBus(self, "Bus", name=name)
        here = Place.of(Stack.of(self))
        events.CfnEventBusPolicy(
            self,
            "BusPolicy",
            event_bus_name=bus.ref,
            statement_id="RegistryEvents",
            statement={
                "Sid": "RegistryEvents",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:{here.partition}:iam::{one}:root" for one in accounts]},
                "Action": "events:PutEvents",
                "Resource": bus.attr_arn,
                "Condition": {"StringEquals": {"events:source": "aws.sagemaker"}},
            },
        )
        return bus.ref

    def _rule(self, origin: ModelOrigin, lost: LostEvents, *, bus: str | None) -> str:
        rule = EventRule(
            self,
            f"On{origin.name.title().replace('-', '')}",
            description=f"Approvals and rejections in {origin.name}",
            event_pattern={**registry_pattern(origin.name), "account": [origin.place.account]},
            event_bus_name=bus,
            function_arn=self.function_arn,
            undelivered=lost.arn,
        )
        return rule.arn


def start_bus_arn(place: Place, function_name: str) -> str:
    """Return the ARN of the bus of a `DeliveryStart` in a place, for the rules of other accounts."""
    return place.arn("events", f"event-bus/{function_name}")


def _told(one: PromotedPlace) -> dict[str, str]:
    place = one.place
    return {"group": place.name, "source": one.source, "role": place.role, "region": place.region}


def _check(name: str, origins: Sequence[ModelOrigin], places: Sequence[PromotedPlace], told: str) -> None:
    faults = Faults(f"start of a delivery {name!r}")
    faults.require(
        ok=len(name) <= _LONGEST_NAME,
        message=f"function_name must be at most {_LONGEST_NAME} characters, got {len(name)}",
    )
    faults.require(ok=bool(origins), message="origins must name a group, got none")
    faults.require(ok=bool(places), message="places must name an environment, got none")
    faults.require(
        ok=len(told) <= _MOST_ENVIRONMENT,
        message=f"places must take at most {_MOST_ENVIRONMENT} characters in the function's variables, "
        f"got {len(told)}: {len(places)} environments",
    )
    known = {one.name for one in origins}
    unknown = sorted({one.source for one in places} - known)
    faults.require(
        ok=not unknown, message=f"each place's source must be one of {sorted(known)}, got {unknown}"
    )
    faults.raise_if_any()
