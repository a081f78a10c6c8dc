"""A batch transform job that a schedule, an event or a person starts."""

from typing import Any, Final

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from tidegate._machine import Machine
from tidegate._model_features import model_features
from tidegate._permissions import Statement, allow
from tidegate._role_needs import attach_needs
from tidegate._s3_uri import bucket_arn, key_prefix, object_arn
from tidegate._targets import Place
from tidegate._transform_states import transform_definition
from tidegate._validation import Faults
from tidegate.compatibility import Mode, check
from tidegate.model import Model
from tidegate.transform_job import TransformJob

# A job is called `{name}-` and 32 digits, in at most 63 characters.
_LONGEST_NAME: Final = 30
_RULE: Final = "StepFunctionsGetEventsForSageMakerTransformJobsRule"


class BatchTransform(Construct):
    """A state machine `{name}` that runs one batch transform job and waits for it.

    The job is named by a digest of the execution, so a request that is sent again never starts a second job.
    An execution's input may override `input_uri` and `output_uri`. The model's role, if the app defines it,
    gets what the job reads and writes. A failed job fails the execution.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: Name of the machine and begin of the jobs' names, at most 30 characters.
        model: The model, not a multi-model one.
        job: What the job reads, asks and writes.
        timeout: When an execution is ended by force, which stops the job; a day by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        BatchTransform(stack, "Nightly", name="digits-nightly", model=model, job=job).start_on_schedule(
        "Night", events.Schedule.cron(hour="2", minute="0"))

    Source:
        https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        model: Model,
        job: TransformJob,
        timeout: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"batch transform {name!r}")
        faults.require_name(name, field="name", longest=_LONGEST_NAME)
        faults.add(check(Mode.BATCH, model_features(model)))
        faults.raise_if_any()
        self._model = model
        self._name = name
        self._output_uri = job.output_uri.rstrip("/")
        place = Place.of(Stack.of(self))
        self._machine_arn = place.machine(name)
        machine = Machine(
            self,
            "Machine",
            name=name,
            place=place,
            definition=transform_definition(
                name=name,
                model_name=model.model_name,
                job=job,
                run_job=place.integration("sagemaker:createTransformJob.sync"),
                timeout_seconds=int(timeout.to_seconds()) if timeout is not None else 24 * 3600,
            ),
            statements=_statements(place, name),
        )
        self.state_machine: sfn.IStateMachine = sfn.StateMachine.from_state_machine_name(
            self, "StateMachine", name
        )
        """The machine; an execution is one job."""
        for need in attach_needs(self, [model.role], _data(job), purpose=f"Data of the transform job {name}"):
            machine.node.add_dependency(need)
        self._undelivered: sqs.Queue | None = None

    def start_on_schedule(self, construct_id: str, schedule: events.Schedule) -> events.Rule:
        """Start a job at the times of `schedule`."""
        return events.Rule(
            self,
            construct_id,
            schedule=schedule,
            targets=[self._target(events.RuleTargetInput.from_object({}))],
        )

    def start_on_event(
        self, construct_id: str, pattern: events.EventPattern, **overrides: Any
    ) -> events.Rule:
        """Start a job at each matching event.

        Args:
            construct_id: Id of the rule.
            pattern: Which events.
            **overrides: `input_uri` and `output_uri` of the job, for example of event fields.

        """
        unknown = set(overrides) - {"input_uri", "output_uri"}
        if unknown:
            raise ValueError(f"overrides must be input_uri or output_uri, got {sorted(unknown)}")
        given = events.RuleTargetInput.from_object(overrides)
        return events.Rule(self, construct_id, event_pattern=pattern, targets=[self._target(given)])

    def start_on_object_created(
        self, construct_id: str, bucket: s3.IBucket, *, prefix: str = ""
    ) -> events.Rule:
        """Start a job on each new object below `prefix` that is not empty.

        The bucket must send its events to EventBridge.
        The answer lies in a folder of the object's key below the job's `output_uri`, so that equal file names
        in different folders do not overwrite each other.

        Args:
            construct_id: Id of the rule.
            bucket: The bucket that is watched.
            prefix: Begin of the keys that count; all keys by default.

        Raises:
            ValueError: when the job's answers would be new objects that count.

        """
        self._refuse_circle(f"s3://{bucket.bucket_name}/{prefix}")
        read = iam.PolicyStatement(
            sid="ReadNewObjects", actions=["s3:GetObject"], resources=[bucket.arn_for_objects(f"{prefix}*")]
        )
        attach_needs(
            Construct(self, f"{construct_id}Read"), [self._model.role], [read], purpose="Read new objects"
        )
        pattern = events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [bucket.bucket_name]},
                # A folder made by hand is an empty object, below which everything would be the input.
                "object": {"key": [{"prefix": prefix}], "size": [{"numeric": [">", 0]}]},
            },
        )
        path = events.EventField.from_path
        key = path("$.detail.object.key")
        return self.start_on_event(
            construct_id,
            pattern,
            input_uri=f"s3://{path('$.detail.bucket.name')}/{key}",
            output_uri=f"{self._output_uri}/{key}",
        )

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` start jobs by hand."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["states:StartExecution"], resource_arns=[self._machine_arn]
        )

    def _refuse_circle(self, watched: str) -> None:
        answers = f"{self._output_uri}/"
        faults = Faults(f"batch transform {self._name!r}")
        faults.rule(
            "transform-answers-watched",
            ok=not answers.startswith(watched) and not watched.startswith(answers),
            message=f"output_uri and the watched prefix must lie apart, got {answers!r} and {watched!r}",
        )
        faults.raise_if_any()

    def _target(self, given: events.RuleTargetInput) -> targets.SfnStateMachine:
        if self._undelivered is None:
            self._undelivered = sqs.Queue(
                self,
                "Undelivered",
                encryption=sqs.QueueEncryption.SQS_MANAGED,
                enforce_ssl=True,
                retention_period=Duration.days(14),
                removal_policy=RemovalPolicy.DESTROY,
            )
            start = iam.PolicyStatement(actions=["states:StartExecution"], resources=[self._machine_arn])
            policy = iam.ManagedPolicy(self, "StartPolicy", statements=[start])
            self._starter = iam.Role(
                self,
                "StartRole",
                assumed_by=iam.ServicePrincipal(
                    "events.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
                ),
                managed_policies=[policy],
            )
        return targets.SfnStateMachine(
            self.state_machine,
            input=given,
            role=self._starter.without_policy_updates(),
            dead_letter_queue=self._undelivered,
            max_event_age=Duration.hours(2),
            retry_attempts=60,
        )


def _statements(place: Place, name: str) -> list[Statement]:
    jobs = sorted({place.arn("sagemaker", f"transform-job/{spelt}-*") for spelt in (name, name.lower())})
    actions = ("AddTags", "CreateTransformJob", "DescribeTransformJob", "StopTransformJob")
    return [
        allow("RunJobs", [f"sagemaker:{action}" for action in actions], jobs),
        allow(
            "HearOfJobs",
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            [place.arn("events", f"rule/{_RULE}")],
        ),
    ]


def _data(job: TransformJob) -> list[iam.PolicyStatement]:
    buckets = sorted({bucket_arn(job.input_uri), bucket_arn(job.output_uri)})
    return [
        iam.PolicyStatement(
            sid="ReadInput",
            actions=["s3:GetObject"],
            resources=[f"{bucket_arn(job.input_uri)}/{key_prefix(job.input_uri)}*"],
        ),
        iam.PolicyStatement(
            sid="WriteAnswers",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[object_arn(job.output_uri)],
        ),
        iam.PolicyStatement(sid="ListData", actions=["s3:ListBucket"], resources=buckets),
    ]
