"""What CDK Pipelines has no words for: triggers, the source's namespace, and stages that roll back."""

from collections.abc import Sequence

from aws_cdk import aws_codepipeline as codepipeline

from tidegate.delivery_source import ACTION, DeliverySource
from tidegate.delivery_stage import DeliveryStage


def pipeline_overrides(
    pipeline: codepipeline.Pipeline, *, source: DeliverySource, stages: Sequence[DeliveryStage]
) -> None:
    """Complete the built pipeline.

    A stage that rolls back goes to its last successful execution of the same pipeline structure.

    Args:
        pipeline: The pipeline, with all its stages.
        source: Where commits come from.
        stages: The promotion.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback-auto.html

    """
    resource = pipeline.node.default_child
    if not isinstance(resource, codepipeline.CfnPipeline):
        raise TypeError(f"a pipeline must have a CfnPipeline as default child, got {resource!r}")
    resource.add_property_override("Stages.0.Actions.0.Namespace", ACTION)
    if triggers := source.triggers():
        resource.add_property_override("Triggers", triggers)
    going_back = {name for stage in stages if stage.roll_back for name, _ in stage.named_waves()}
    for number, built in enumerate(pipeline.stages):
        # Of more than 50 actions, CDK Pipelines makes the stages `name.1`, `name.2` and so on.
        if built.stage_name in going_back or built.stage_name.rpartition(".")[0] in going_back:
            resource.add_property_override(f"Stages.{number}.OnFailure", {"Result": "ROLLBACK"})
