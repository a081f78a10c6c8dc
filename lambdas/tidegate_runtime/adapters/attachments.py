"""The `Attachments` port on Application Auto Scaling and CloudWatch."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.attachment import Attachment, Request, suspended_from, suspended_state
from tidegate_runtime.best_effort import best_effort

_DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
_MISSING: Final = "ObjectNotFoundException"
_POLICY: Final = (
    "PolicyName",
    "PolicyType",
    "TargetTrackingScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
)
_SCHEDULE: Final = ("ScheduledActionName", "Schedule", "Timezone", "ScalableTargetAction")
_TIMES: Final = ("StartTime", "EndTime")
# An alarm's description holds much that is no part of a request.
_ALARM: Final = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "Metrics",
)


class VariantAttachments:
    """The scalable targets of one endpoint's variants, with policies, alarms and scheduled actions."""

    def __init__(self, scaling: Any, alarms: Any, *, endpoint_name: str) -> None:
        self._scaling = scaling
        self._alarms = alarms
        self._endpoint = endpoint_name

    def registered(self, types: Mapping[str, str]) -> dict[str, Attachment]:
        """Return the attachments of those variants that are registered.

        Args:
            types: Instance types by variant.

        """
        if not types:
            return {}
        with translated():
            answer = self._scaling.describe_scalable_targets(
                ServiceNamespace="sagemaker",
                ResourceIds=[self._resource(name) for name in types],
                ScalableDimension=_DIMENSION,
            )
        found = {target["ResourceId"].rpartition("/")[2]: target for target in answer["ScalableTargets"]}
        return {name: self._read(name, types[name], target) for name, target in found.items()}

    def attach(self, variant: str, wanted: Attachment) -> None:
        """Register the variant with exactly these policies, alarms and scheduled actions."""
        suspended = (
            {"SuspendedState": suspended_state(wanted.suspended)} if wanted.suspended is not None else {}
        )
        with translated():
            self._scaling.register_scalable_target(
                **self._key(variant),
                MinCapacity=wanted.min_capacity,
                MaxCapacity=wanted.max_capacity,
                **suspended,
            )
            for policy in wanted.policies:
                self._put_policy(variant, policy, wanted.alarms)
        for schedule in wanted.schedules:
            self._put_schedule(variant, schedule)
        self._remove_others(variant, wanted)

    def detach(self, variant: str) -> None:
        """Deregister the variant, which deletes its policies and scheduled actions; none is fine."""
        try:
            with translated():
                self._scaling.deregister_scalable_target(**self._key(variant))
        except Exception as error:
            if not _is_missing(error):
                raise

    def remove_alarms(self, names: Collection[str]) -> None:
        """Delete alarms; those that are gone are fine."""
        if names:
            with translated():
                self._alarms.delete_alarms(AlarmNames=sorted(names))

    def _read(self, variant: str, instance_type: str, target: Mapping[str, Any]) -> Attachment:
        policies = self._listed("describe_scaling_policies", "ScalingPolicies", variant)
        schedules = self._listed("describe_scheduled_actions", "ScheduledActions", variant)
        return Attachment(
            instance_type=instance_type,
            min_capacity=target["MinCapacity"],
            max_capacity=target["MaxCapacity"],
            suspended=suspended_from(target.get("SuspendedState", {})),
            policies=tuple(_present(policy, _POLICY) for policy in policies),
            alarms=tuple(self._alarms_of(policies)),
            schedules=tuple(_schedule(schedule) for schedule in schedules),
        )

    def _alarms_of(self, policies: Iterable[Request]) -> list[Request]:
        """Return the alarms that run the policies of now: one of an earlier registration runs nothing."""
        arns = {self._alarm(one): one["PolicyARN"] for one in policies if one["PolicyType"] == "StepScaling"}
        if not arns:
            return []
        with translated():
            answer = self._alarms.describe_alarms(AlarmNames=list(arns), AlarmTypes=["MetricAlarm"])
        return [
            _without_policies(alarm)
            for alarm in answer["MetricAlarms"]
            if arns[alarm["AlarmName"]] in alarm.get("AlarmActions", ())
        ]

    def _put_policy(self, variant: str, policy: Request, alarms: Iterable[Request]) -> None:
        arn = self._scaling.put_scaling_policy(**self._key(variant), **policy)["PolicyARN"]
        for alarm in alarms:
            if alarm["AlarmName"] == self._alarm(policy):
                actions = [*alarm.get("AlarmActions", ()), arn]
                self._alarms.put_metric_alarm(**{**alarm, "AlarmActions": actions})

    def _put_schedule(self, variant: str, schedule: Request) -> None:
        def put() -> None:
            with translated():
                self._scaling.put_scheduled_action(**self._key(variant), **schedule)

        if schedule["Schedule"].startswith("at("):
            # Refused once its time has come, when it has done what it was for.
            best_effort(f"schedule {schedule['ScheduledActionName']}", put, otherwise=None)
        else:
            put()

    def _remove_others(self, variant: str, wanted: Attachment) -> None:
        for policy in self._listed("describe_scaling_policies", "ScalingPolicies", variant):
            if ("PolicyName", policy["PolicyName"]) not in wanted.parts:
                # The alarm first: nobody would find it without its policy.
                self.remove_alarms([self._alarm(policy)] if policy["PolicyType"] == "StepScaling" else ())
                with translated():
                    self._scaling.delete_scaling_policy(**self._key(variant), PolicyName=policy["PolicyName"])
        for schedule in self._listed("describe_scheduled_actions", "ScheduledActions", variant):
            name = schedule["ScheduledActionName"]
            if ("ScheduledActionName", name) not in wanted.parts:
                with translated():
                    self._scaling.delete_scheduled_action(**self._key(variant), ScheduledActionName=name)

    def _listed(self, operation: str, member: str, variant: str) -> list[Request]:
        with translated():
            pages = self._scaling.get_paginator(operation).paginate(**self._key(variant))
            return [one for page in pages for one in page[member]]

    def _key(self, variant: str) -> dict[str, str]:
        return {
            "ServiceNamespace": "sagemaker",
            "ResourceId": self._resource(variant),
            "ScalableDimension": _DIMENSION,
        }

    def _resource(self, variant: str) -> str:
        return f"endpoint/{self._endpoint}/variant/{variant}"

    def _alarm(self, policy: Request) -> str:
        return f"{self._endpoint}-scaling-{policy['PolicyName']}"


def _is_missing(error: Exception) -> bool:
    return isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == _MISSING


def _present(answer: Request, names: Iterable[str]) -> Request:
    return {name: answer[name] for name in names if answer.get(name) not in (None, [], "")}


def _schedule(answer: Request) -> Request:
    times = {name: answer[name].timestamp() for name in _TIMES if answer.get(name)}
    return {**_present(answer, _SCHEDULE), **times}


def _without_policies(alarm: Request) -> Request:
    others = [action for action in alarm.get("AlarmActions", ()) if ":scalingPolicy:" not in action]
    return {**_present(alarm, _ALARM), **({"AlarmActions": others} if others else {})}
