"""Batch transform jobs by the clock, by new objects, by events and by hand."""

import re
from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deployment import Deployment
from stacks.fields.alarms import JobAlarmsPart
from stacks.fields.batch import BatchService, EventPart, StartPart
from stacks.kinds import outside
from stacks.kinds.models import define_model
from tidegate import BatchTransform
from tidegate.compatibility import Mode

_PATH = re.compile(r"\{(\$\.[^}]+)\}")


class BatchStack(Stack):
    """Model, state machine and rules; an execution of the machine is one job."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[BatchService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        service = deployment.service
        transform = BatchTransform(
            self,
            "Transform",
            name=deployment.name,
            model=define_model(self, "Model", service.model, role=execution_role, mode=Mode.BATCH),
            job=service.batch.job(),
            timeout=Duration.minutes(round(service.batch.timeout_hours * 60)),
        )
        self._start(transform, service.batch.start)
        alarm = self._alarm(transform, deployment.name, service.alarms)
        if service.dashboard:
            self._dashboard(transform, deployment.name, alarm)
        CfnOutput(self, "StateMachine", value=transform.state_machine.state_machine_arn)
        acknowledge_findings(self)

    def _start(self, transform: BatchTransform, part: StartPart) -> None:
        for name, schedule in part.schedules.items():
            transform.start_on_schedule(f"Schedule-{name}", events.Schedule.expression(schedule))
        for name, one in part.objects.items():
            bucket = s3.Bucket.from_bucket_arn(self, f"Bucket-{name}", one.bucket)
            transform.start_on_object_created(f"Objects-{name}", bucket, prefix=one.prefix)
        for name, event in part.events.items():
            transform.start_on_event(f"Event-{name}", _pattern(event), **_overrides(event))

    def _alarm(
        self, transform: BatchTransform, name: str, part: JobAlarmsPart | None
    ) -> cloudwatch.Alarm | None:
        if part is None:
            return None
        alarm = transform.state_machine.metric_failed(period=Duration.minutes(5)).create_alarm(
            self,
            "JobsFailed",
            alarm_name=f"{name}-jobs-failed",
            alarm_description=f"Jobs of {name} failed: see the executions of the state machine",
            threshold=part.failed_jobs,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        told = outside.topic(self, "AlarmTopic", part.topic)
        if told is not None:
            alarm.add_alarm_action(actions.SnsAction(told))
        return alarm

    def _dashboard(self, transform: BatchTransform, name: str, alarm: cloudwatch.Alarm | None) -> None:
        machine = transform.state_machine
        board = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=name, default_interval=Duration.days(7)
        )
        if alarm is not None:
            board.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=[alarm], width=24))
        outcomes = [machine.metric_started(), machine.metric_succeeded(), machine.metric_failed()]
        board.add_widgets(
            cloudwatch.GraphWidget(title="Jobs", left=outcomes, width=12),
            cloudwatch.GraphWidget(title="Duration", left=[machine.metric_time()], width=12),
        )


def _pattern(part: EventPart) -> events.EventPattern:
    return events.EventPattern(
        source=list(part.source) or None,
        detail_type=list(part.detail_type) or None,
        detail=part.detail or None,
    )


def _overrides(part: EventPart) -> dict[str, str]:
    """Return what the job reads and writes; `{$.detail.key}` is that field of the event."""
    given = {"input_uri": part.input, "output_uri": part.output}
    return {
        name: _PATH.sub(lambda path: events.EventField.from_path(path[1]), value)
        for name, value in given.items()
        if value is not None
    }
