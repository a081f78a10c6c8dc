"""The pipeline that promotes model versions from one environment to the next."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._job import Job
from tidegate._permissions import Statement, allow, policy_document, trust
from tidegate._targets import Place
from tidegate._validation import Faults
from tidegate.promotion_stage import LONGEST_TEXT, PromotionStage

_Pipeline = codepipeline.CfnPipeline

PACKAGE: Final = "#{variables.ModelPackageArn}"
"""How an action says the version that an execution is about."""

ROLLOUT: Final = "#{variables.Rollout}"
"""How an action says the rollout that the version's approval has started where it comes from."""

NO_PACKAGE: Final = "none"
ANY_ROLLOUT: Final = "any"

_SOURCE_OUTPUT: Final = "Released"
_LONGEST_NAME: Final = 100
_MOST_STAGES: Final = 50
_MOST_ACTIONS: Final = 50


class ModelPipeline(Construct):
    """CodePipeline V2 that takes one model version through the environments. It deploys no infrastructure.

    An execution is started for one version, by the variable `ModelPackageArn`; executions wait for each
    other. Its source is the marker of the released revision, without change detection: before a first
    release there is none, and no version is promoted.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        pipeline_name: Name of the pipeline.
        function_name: Name of the function `deliver`, which lies in the same account and region.
        released: Bucket and key of the marker. The bucket, which must be versioned, holds the pipeline's
            artifacts too.
        stages: The promotion, in this order.
        notify: Told of approvals that wait; nobody is when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        ModelPipeline(
            stack,
            "Models",
            pipeline_name="tidegate-digits-models",
            function_name="tidegate-digits-deliver",
            released=(bucket, "digits/released.zip"),
            stages=[PromotionStage(name="staging", waves=[[promotion]])],
        )

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-variables.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline_name: str,
        function_name: str,
        released: tuple[s3.IBucket, str],
        stages: Sequence[PromotionStage],
        notify: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(pipeline_name, stages)
        self._function_name = function_name
        self._topic = None if notify is None else notify.topic_arn
        bucket, key = released
        function_arn = Place.of(Stack.of(self)).arn("lambda", f"function:{function_name}")
        statements = _statements(function_arn, bucket, key, self._topic, pipeline_name)
        policy = iam.CfnManagedPolicy(self, "Policy", policy_document=policy_document(statements))
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=trust("codepipeline.amazonaws.com", _from_here(self, pipeline_name)),
            managed_policy_arns=[policy.ref],
        )
        _Pipeline(
            self,
            "Resource",
            name=pipeline_name,
            pipeline_type="V2",
            execution_mode="QUEUED",
            role_arn=role.attr_arn,
            artifact_store=_Pipeline.ArtifactStoreProperty(type="S3", location=bucket.bucket_name),
            variables=_variables(),
            stages=[_source(bucket, key), *map(self._stage, stages)],
        )
        self.pipeline_name: str = pipeline_name
        """Name of the pipeline."""

    def _stage(self, stage: PromotionStage) -> codepipeline.CfnPipeline.StageDeclarationProperty:
        return _Pipeline.StageDeclarationProperty(name=stage.name, actions=[*self._actions(stage)])

    def _actions(self, stage: PromotionStage) -> Iterator[codepipeline.CfnPipeline.ActionDeclarationProperty]:
        for order, step in enumerate(stage.steps(), start=1):
            if isinstance(step, str):
                more = {} if self._topic is None else {"NotificationArn": self._topic}
                yield _action("Approve", "Approval", "Manual", order, {"CustomData": step, **more})
            else:
                yield from (self._job(job, order) for job in step)

    def _job(self, job: Job, order: int) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
        configuration = {"FunctionName": self._function_name, "UserParameters": job.user_parameters()}
        return _action(_name(job), "Invoke", "Lambda", order, configuration, namespace=job.namespace)


def _name(job: Job) -> str:
    return f"{job.at.environment}-{job.do}" if job.at is not None else job.do


def _variables() -> list[Any]:
    return [
        _Pipeline.VariableDeclarationProperty(
            name="ModelPackageArn",
            default_value=NO_PACKAGE,
            description="ARN of the approved version that is promoted",
        ),
        _Pipeline.VariableDeclarationProperty(
            name="Rollout",
            default_value=ANY_ROLLOUT,
            description="Id of the rollout that its approval has started, or any",
        ),
    ]


def _source(bucket: s3.IBucket, key: str) -> codepipeline.CfnPipeline.StageDeclarationProperty:
    configuration = {
        "S3Bucket": bucket.bucket_name,
        "S3ObjectKey": key,
        "PollForSourceChanges": "false",
    }
    action = _action(
        "Released", "Source", "S3", 1, configuration, namespace="released", output=_SOURCE_OUTPUT
    )
    return _Pipeline.StageDeclarationProperty(name="Source", actions=[action])


def _action(
    name: str,
    category: str,
    provider: str,
    order: int,
    configuration: dict[str, str],
    *,
    namespace: str | None = None,
    output: str | None = None,
) -> codepipeline.CfnPipeline.ActionDeclarationProperty:
    outputs = None if output is None else [_Pipeline.OutputArtifactProperty(name=output)]
    kind = _Pipeline.ActionTypeIdProperty(category=category, owner="AWS", provider=provider, version="1")
    return _Pipeline.ActionDeclarationProperty(
        name=name,
        action_type_id=kind,
        configuration=configuration,
        run_order=order,
        namespace=namespace,
        output_artifacts=outputs,
    )


def _statements(
    function_arn: str, bucket: s3.IBucket, key: str, topic_arn: str | None, pipeline_name: str
) -> list[Statement]:
    # https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
    told = [] if topic_arn is None else [allow("TellOfApprovals", ["sns:Publish"], [topic_arn])]
    return [
        allow("CallDeliver", ["lambda:InvokeFunction"], [function_arn]),
        # CodePipeline looks the function up, and the action knows no resource.
        allow("FindDeliver", ["lambda:ListFunctions"], ["*"]),
        allow(
            "ReadReleased",
            ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
            [bucket.arn_for_objects(key)],
        ),
        allow(
            "FindReleased",
            ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"],
            [bucket.bucket_arn],
        ),
        # CodePipeline cuts the name in the keys of its artifacts to 20 characters.
        allow(
            "KeepArtifacts",
            ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            [bucket.arn_for_objects(f"{pipeline_name[:20]}/*")],
        ),
        *told,
    ]


def _from_here(scope: Construct, pipeline_name: str) -> dict[str, dict[str, str]]:
    place = Place.of(Stack.of(scope))
    return {
        "StringEquals": {"aws:SourceAccount": place.account},
        "ArnEquals": {"aws:SourceArn": place.arn("codepipeline", pipeline_name)},
    }


def _check(pipeline_name: str, stages: Sequence[PromotionStage]) -> None:
    faults = Faults(f"model pipeline {pipeline_name!r}")
    faults.require(
        ok=len(pipeline_name) <= _LONGEST_NAME,
        message=f"its name must be at most {_LONGEST_NAME} characters, got {len(pipeline_name)}",
    )
    faults.require(
        ok=1 <= len(stages) < _MOST_STAGES,
        message=f"stages must be 1 to {_MOST_STAGES - 1} beside the source, got {len(stages)}",
    )
    for stage in stages:
        steps = [*stage.steps()]
        actions = sum(1 if isinstance(step, str) else len(step) for step in steps)
        faults.require(
            ok=1 <= actions <= _MOST_ACTIONS,
            message=f"stage {stage.name!r} must have 1 to {_MOST_ACTIONS} actions, got {actions}",
        )
        faults.require(
            ok=stage.question is None or len(stage.question) <= LONGEST_TEXT // 2,
            message=f"the question of stage {stage.name!r} must be at most {LONGEST_TEXT // 2} characters",
        )
    faults.raise_if_any()
