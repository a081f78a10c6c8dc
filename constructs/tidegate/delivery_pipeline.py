"""A pipeline from commits to every environment, which updates itself."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from aws_cdk import Stack, pipelines
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._pipeline_findings import acknowledge_pipeline
from tidegate._pipeline_overrides import pipeline_overrides
from tidegate._pipeline_policies import narrow_policies, secure_support
from tidegate._pipeline_rules import pipeline_faults
from tidegate._validation import Faults
from tidegate.artifact_bucket import ArtifactBucket
from tidegate.delivery_source import DeliverySource
from tidegate.delivery_stage import DeliveredEnvironment, DeliveryStage, DeliveryWave

ExecutionMode = Literal["queued", "superseded", "parallel"]

_RELEASE: Final = "Release"


class DeliveryPipeline(Construct):
    """CodePipeline V2 by CDK Pipelines: source, synth, self-mutation, assets, stages, release.

    Every name follows from the arguments, so that a second synth of a commit is the same to the byte; what is
    not would make the pipeline update itself for ever.

    Args:
        scope: A stack. The stages' stacks may lie in other accounts and regions.
        construct_id: Id within the parent.
        pipeline_name: Name of the pipeline.
        source: Where commits come from.
        synth_commands: Tests, lint, scanners and `cdk synth`; the first that fails stops the execution.
        synth_output: Folder that the synth writes.
        stages: The promotion, in this order.
        release: Steps once every stage has succeeded.
        execution_mode: What a second execution does while one runs: it waits (`queued`), overtakes between
            stages (`superseded`), or runs beside it (`parallel`).
        cli_version: Version of the CDK CLI that updates the pipeline.
        runtimes: Versions of runtimes in CodeBuild's image, by its name for them.
        notify: Told of approvals that wait; nobody is when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeliveryPipeline(
            stack,
            "Pipeline",
            pipeline_name="tidegate",
            source=DeliverySource.connection("owner/name", connection_arn=arn),
            synth_commands=["npm ci", "npx cdk synth"],
            stages=[DeliveryStage(name="dev", waves=[DeliveryWave(environments=[environment])])],
        )

    Source:
        https://docs.aws.amazon.com/cdk/v2/guide/cdk-pipeline.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline_name: str,
        source: DeliverySource,
        synth_commands: Sequence[str],
        stages: Sequence[DeliveryStage],
        release: Sequence[pipelines.Step] = (),
        synth_output: str = "cdk.out",
        execution_mode: ExecutionMode = "queued",
        cli_version: str | None = None,
        runtimes: dict[str, str] | None = None,
        notify: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(pipeline_name, stages, execution_mode)
        self._notify = notify
        crosses = self._crosses(stages)
        pipeline = pipelines.CodePipeline(
            self,
            "Resource",
            pipeline_name=pipeline_name,
            pipeline_type=codepipeline.PipelineType.V2,
            execution_mode=codepipeline.ExecutionMode[execution_mode.upper()],
            synth=self._synth(source, synth_commands, synth_output),
            artifact_bucket=self._artifacts(with_key=crosses),
            cross_account_keys=crosses,
            use_pipeline_role_for_actions=True,
            cli_version=cli_version,
            # One project for all assets: their number is no part of the pipeline's structure.
            publish_assets_in_parallel=False,
            code_build_defaults=_builds(runtimes),
        )
        for stage in stages:
            self._add(pipeline, stage)
        if release:
            pipeline.add_wave(_RELEASE, pre=list(release))
        pipeline.build_pipeline()
        self.pipeline: codepipeline.IPipeline = pipeline.pipeline
        """The pipeline."""
        pipeline_overrides(pipeline.pipeline, source=source, stages=stages)
        self._listen(source)
        self._secure(source, pipeline.pipeline, with_key=crosses)

    def _crosses(self, stages: Sequence[DeliveryStage]) -> bool:
        """Return whether another account reads the artifacts."""
        own = Stack.of(self).account
        environments = (one for stage in stages for wave in stage.waves for one in wave.environments)
        return any(one.stage.account not in (None, own) for one in environments)

    def _listen(self, source: DeliverySource) -> None:
        if (arrived := source.starts_on()) is not None:
            start = targets.CodePipeline(self.pipeline)
            events.Rule(self, "Arrived", event_pattern=arrived, targets=[start])

    def _secure(self, source: DeliverySource, pipeline: codepipeline.Pipeline, *, with_key: bool) -> None:
        if source.connection_arn:
            # The CDK allows the action by its old name only, which new ARNs do not heed.
            use = ["codeconnections:UseConnection"]
            pipeline.add_to_role_policy(iam.PolicyStatement(actions=use, resources=[source.connection_arn]))
        support = dict(sorted(pipeline.cross_region_support.items()))
        stacks = [other.stack for other in support.values()]
        narrow_policies(self, other_regions=list(support))
        for stack in stacks:
            secure_support(stack)
        acknowledge_pipeline(self, support=stacks, with_key=with_key)

    def _synth(
        self, source: DeliverySource, commands: Sequence[str], output: str
    ) -> pipelines.IFileSetProducer:
        return pipelines.CodeBuildStep(
            "Synth",
            input=source.step(self),
            commands=list(commands),
            primary_output_directory=output,
            build_environment=codebuild.BuildEnvironment(compute_type=codebuild.ComputeType.MEDIUM),
        )

    def _artifacts(self, *, with_key: bool) -> s3.IBucket:
        key = kms.Key(self, "Key", enable_key_rotation=True) if with_key else None
        return ArtifactBucket(self, "Artifacts", encryption_key=key).bucket

    def _add(self, pipeline: pipelines.CodePipeline, stage: DeliveryStage) -> None:
        if stage.approval is not None:
            # A stage of its own: a rejection is no failure that a deployment would be rolled back for.
            approve = pipelines.ManualApprovalStep(
                f"Approve-{stage.name}", comment=stage.approval, notification_topic=self._notify
            )
            pipeline.add_wave(f"Approve-{stage.name}", pre=[approve])
        for name, wave in stage.named_waves():
            _add_wave(pipeline, name, wave)


def _check(name: str, stages: Sequence[DeliveryStage], execution_mode: str) -> None:
    faults = Faults(f"pipeline {name!r}")
    for message in pipeline_faults(stages, execution_mode=execution_mode):
        faults.require(ok=False, message=message)
    faults.raise_if_any()


def _add_wave(pipeline: pipelines.CodePipeline, name: str, wave: DeliveryWave) -> None:
    added = pipeline.add_wave(name, post=list(wave.bake))
    for environment in wave.environments:
        added.add_stage(environment.stage, stack_steps=_stack_steps(environment), post=_chained(environment))


def _stack_steps(environment: DeliveredEnvironment) -> list[pipelines.StackSteps]:
    waited: dict[Stack, list[pipelines.Step]] = {}
    for stack, step in environment.before:
        waited.setdefault(stack, []).append(step)
    return [pipelines.StackSteps(stack=stack, pre=steps) for stack, steps in waited.items()]


def _chained(environment: DeliveredEnvironment) -> list[pipelines.Step]:
    return [step for chain in environment.after for step in pipelines.Step.sequence(list(chain))]


def _builds(runtimes: dict[str, str] | None) -> pipelines.CodeBuildOptions:
    versions = {"runtime-versions": runtimes if runtimes is not None else {"nodejs": "22", "python": "3.12"}}
    spec: dict[str, Any] = {"version": "0.2", "phases": {"install": versions}}
    return pipelines.CodeBuildOptions(
        build_environment=codebuild.BuildEnvironment(build_image=codebuild.LinuxBuildImage.STANDARD_7_0),
        partial_build_spec=codebuild.BuildSpec.from_object(spec),
    )
