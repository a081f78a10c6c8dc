"""The stack of the pipeline that delivers every service to every environment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aws_cdk import App, ArnFormat, CfnOutput, DefaultStackSynthesizer, Stack, Stage, pipelines
from aws_cdk import Environment as Where
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.compose import define_stacks, synthesizer
from stacks.delivery_jobs import EXECUTION, DeliveryJobs
from stacks.deployment import Deployment
from stacks.fields.delivery import DeliveryPart, PullRequestsPart, StagePart
from stacks.fields.delivery_source import SourcePart
from stacks.fields.managed import ManagedService
from stacks.model_delivery import deliver_models
from stacks.promotion import Promotions, deliver_name, released_key
from stacks.service_file import Environment, Service
from stacks.service_files import Folder
from stacks.yaml_source import BadFiles
from tidegate import ArtifactBucket, DeliveryPipeline, DeliverySource, PullRequestProject
from tidegate._job import Job
from tidegate._job_step import JobStep
from tidegate._targets import partition_of
from tidegate.delivery_stage import LONGEST_TEXT, DeliveredEnvironment, DeliveryStage, DeliveryWave

CDK_CLI_VERSION: Final = "2.1148.1"
"""The CDK CLI that updates the pipeline: the one of package.json, as a test says."""

_SUMMARY: Final = ("smoke", "validate", "follow")
"""Jobs whose answers are evidence for an approval."""


def define_pipeline(app: App, folder: Folder) -> Stack:
    """Define the pipeline of a folder of service files, and all that it deploys.

    Raises:
        BadFiles: naming what the library refuses.
        LookupError: the folder has no pipeline.

    """
    if folder.delivery is None or folder.at is None:
        raise LookupError("a folder must have the section delivery, got none")
    return PipelineStack(
        app,
        f"{folder.delivery.name}-pipeline",
        delivery=folder.delivery,
        deployments=[one for one in folder.deployments if one.delivered is not None],
        at=folder.at,
        env=Where(account=folder.at.account, region=folder.at.region),
        synthesizer=synthesizer(folder.at),
        description=f"Tidegate: the pipeline {folder.delivery.name}",
    )


class PipelineStack(Stack):
    """The code pipeline. Its stages' stacks lie beside it in the app, an environment a stage."""

    def __init__(
        self,
        scope: App,
        construct_id: str,
        *,
        delivery: DeliveryPart,
        deployments: Sequence[Deployment[Service]],
        at: Environment,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._delivery, self._at = delivery, at
        self._deployments = deployments
        self._source = source_of(delivery.source)
        self._runtimes = {"nodejs": delivery.synth.nodejs, "python": delivery.synth.python}
        self._notified = self._topic(delivery.notify)
        self._released = ArtifactBucket(self, "Released").bucket
        try:
            pipeline = DeliveryPipeline(
                self,
                "Pipeline",
                pipeline_name=delivery.name,
                source=self._source,
                synth_commands=delivery.synth.commands,
                synth_output=delivery.synth.output,
                runtimes=self._runtimes,
                stages=[*self._stages(scope)],
                release=[self._release(name) for name in self._services()],
                execution_mode=delivery.execution_mode,
                cli_version=CDK_CLI_VERSION,
                notify=self._notified,
            )
        except ValueError as error:
            raise BadFiles([f"environments.yaml: delivery: {error}"]) from error
        deliver_models(
            self,
            [one for here in self._managed().values() for one in here],
            released=lambda service: (self._released, released_key(service)),
            notify=self._notified,
        )
        CfnOutput(self, "PipelineName", value=pipeline.pipeline.pipeline_name)
        CfnOutput(self, "ReleasedBucket", value=self._released.bucket_name)
        if delivery.pull_requests is not None:
            self._build_pull_requests(delivery.pull_requests)
        acknowledge_findings(self)

    def _build_pull_requests(self, part: PullRequestsPart) -> None:
        lies = {(one.environment.account, one.environment.region) for one in self._deployments}
        lies.add((self._at.account, self._at.region))
        PullRequestProject(
            self,
            "PullRequests",
            project_name=f"{self._delivery.name}-pull-requests",
            source=self._source,
            commands=part.commands,
            lookup_roles=[lookup_role(account, region) for account, region in sorted(lies)],
            token_secret=part.token_secret,
            runtimes=self._runtimes,
        )

    def _topic(self, arn: str | None) -> sns.ITopic | None:
        return None if arn is None else sns.Topic.from_topic_arn(self, "Notify", arn)

    def _stages(self, app: Construct) -> Iterator[DeliveryStage]:
        evidence: list[str] = []
        for part in self._delivery.stages:
            waves = [self._wave(app, part, number) for number in range(len(part.waves))]
            yield DeliveryStage(
                name=part.name,
                waves=waves,
                approval=self._text(part, evidence) if part.approval else None,
                roll_back=part.on_failure == "roll_back",
            )
            evidence = [line for name in part.environments for line in self._evidence(name)]

    def _wave(self, app: Construct, part: StagePart, number: int) -> DeliveryWave:
        names = part.waves[number]
        bakes: list[pipelines.Step] = []
        if part.bake_minutes is not None and number < len(part.waves) - 1:
            bakes = [
                self._step(jobs, jobs.bake(part.bake_minutes)) for name in names for jobs in self._jobs(name)
            ]
        return DeliveryWave(environments=[self._environment(app, name) for name in names], bake=bakes)

    def _environment(self, app: Construct, name: str) -> DeliveredEnvironment:
        here = [one for one in self._deployments if one.environment_name == name]
        lies = here[0].environment
        stage = Stage(app, name, env=Where(account=lies.account, region=lies.region))
        hosting = {one.name: stacks[-1] for one, stacks in zip(here, define_stacks(stage, here), strict=True)}
        jobs = self._jobs(name)
        return DeliveredEnvironment(
            stage=stage,
            before=[(hosting[one.deployment.name], self._step(one, one.first())) for one in jobs],
            after=[[self._step(one, job) for job in one.after()] for one in jobs],
        )

    def _jobs(self, environment: str) -> Sequence[DeliveryJobs]:
        return [
            DeliveryJobs(deployment=one, promotions=promotions, commit=self._source.revision)
            for one in self._managed().get(environment, [])
            if (promotions := Promotions.of(one)) is not None
        ]

    def _managed(self) -> Mapping[str, Sequence[Deployment[ManagedService]]]:
        found: dict[str, list[Deployment[ManagedService]]] = {}
        for one in self._deployments:
            if isinstance(one.service, ManagedService):
                found.setdefault(one.environment_name, []).append(one.of(ManagedService))
        return found

    def _services(self) -> Sequence[str]:
        """Return the services whose models are promoted, each once."""
        managed = (one.service for here in self._managed().values() for one in here)
        return list(dict.fromkeys(one.service for one in managed if one.delivery is not None))

    def _step(self, jobs: DeliveryJobs, job: Job) -> pipelines.Step:
        deployment = jobs.deployment
        return JobStep(
            f"{deployment.name}-{job.do}", job=job, function_arn=self._function(deployment.service.service)
        )

    def _release(self, service: str) -> pipelines.Step:
        job = Job(
            do="release",
            at=None,
            namespace=f"release_{service}".replace("-", "_"),
            more={
                "commit": self._source.revision,
                "execution": EXECUTION,
                "bucket": self._released.bucket_name,
                "key": released_key(service),
            },
        )
        return JobStep(f"{service}-release", job=job, function_arn=self._function(service))

    def _function(self, service: str) -> str:
        """Return the ARN of the function that does the jobs of a service: by name, to close no circle."""
        return self.format_arn(
            service="lambda",
            resource="function",
            resource_name=deliver_name(self._delivery.name, service),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _evidence(self, environment: str) -> Iterator[str]:
        for jobs in self._jobs(environment):
            for job in jobs.after():
                if job.do in _SUMMARY:
                    yield f"{jobs.deployment.name} {job.do}: {job.variable('Summary')}"

    def _text(self, part: StagePart, evidence: Sequence[str]) -> str:
        """Return the text of an approval: what would go in, and what the stage before has found."""
        lines = [f"Deploy {self._source.revision} to {', '.join(part.environments)}?"]
        for index, line in enumerate(evidence):
            left = len(evidence) - index
            more = f"and {left} more, in the stage before"
            if len("\n".join([*lines, line, more])) > LONGEST_TEXT:
                lines.append(more)
                break
            lines.append(line)
        return "\n".join(lines)


def lookup_role(account: str, region: str) -> str:
    """Return the ARN of the role of cdk bootstrap that may only read.

    Source:
        https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html

    """
    qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = f"cdk-{qualifier}-lookup-role-{account}-{region}"
    return f"arn:{partition_of(region)}:iam::{account}:role/{name}"


def source_of(part: SourcePart) -> DeliverySource:
    """Return the source for the library."""
    if part.connection is not None and part.repository is not None:
        return DeliverySource.connection(
            part.repository,
            connection_arn=part.connection,
            branch=part.branch,
            provider=part.provider,
            paths=part.paths,
        )
    if part.codecommit is not None:
        return DeliverySource.codecommit(part.codecommit, branch=part.branch)
    return DeliverySource.s3(part.s3_bucket or "", key=part.s3_key or "", poll=part.poll)
