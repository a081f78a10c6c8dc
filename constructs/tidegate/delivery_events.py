"""Events of an environment's model registry for the account that the pipeline lies in."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from tidegate._event_rule import Pattern, registry_pattern
from tidegate._permissions import allow, policy_document, trust


class DeliveryEvents(Construct):
    """A rule that sends approvals and rejections of a group to the pipeline's event bus.

    Args:
        scope: The parent construct, in the environment's account and region.
        construct_id: Id within the parent.
        group_name: The model package group.
        bus_arn: ARN of the bus, in another account or region.

    Example:
        DeliveryEvents(stack, "Events", group_name="digits-staging", bus_arn=arn)

    Source:
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html

    """

    def __init__(self, scope: Construct, construct_id: str, *, group_name: str, bus_arn: str) -> None:
        super().__init__(scope, construct_id)
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            policy_document=policy_document([allow("SendEvents", ["events:PutEvents"], [bus_arn])]),
        )
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=trust("events.amazonaws.com"),
            managed_policy_arns=[policy.ref],
        )
        pattern: Pattern = registry_pattern(group_name)
        events.CfnRule(
            self,
            "Resource",
            description=f"Tells the pipeline of approvals and rejections in {group_name}",
            state="ENABLED",
            event_pattern=pattern,
            targets=[events.CfnRule.TargetProperty(arn=bus_arn, id="Bus", role_arn=role.attr_arn)],
        )
