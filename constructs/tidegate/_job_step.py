"""A job as a step of a pipeline of CDK Pipelines."""

import jsii
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import pipelines

from tidegate._job import Job


@jsii.implements(pipelines.ICodePipelineActionFactory)
class JobStep(pipelines.Step):
    """A call of the function `deliver`, before or after what a stage deploys.

    Args:
        step_id: Name of the action, unique in its stage.
        job: What to do.
        function_arn: ARN of the function.

    Example:
        smoke = JobStep("digits-staging-smoke", job=job, function_arn=deliver.function_arn)
        pipeline.add_stage(stage, post=[smoke])

    """

    def __init__(self, step_id: str, *, job: Job, function_arn: str) -> None:
        super().__init__(step_id)
        self._job = job
        self._function_arn = function_arn

    @jsii.member(jsii_name="produceAction")
    def produce_action(
        self, stage: codepipeline.IStage, options: pipelines.ProduceActionOptions
    ) -> pipelines.CodePipelineActionFactoryResult:
        """Add the action to a stage; CDK Pipelines calls this. The function's own policy lets it answer."""
        function = lambda_.Function.from_function_attributes(
            options.scope,
            f"{options.action_name}-function",
            function_arn=self._function_arn,
            same_environment=True,
        )
        action = actions.LambdaInvokeAction(
            action_name=options.action_name,
            lambda_=function,
            user_parameters_string=self._job.user_parameters(),
            run_order=options.run_order,
            variables_namespace=self._job.namespace,
        )
        stage.add_action(action)
        return pipelines.CodePipelineActionFactoryResult(run_orders_consumed=1)
