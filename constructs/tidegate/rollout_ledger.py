"""The table that records every decision of every rollout."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct


class RolloutLedger(Construct):
    """A DynamoDB table with the lease, the runs and the decisions, keyed by endpoint and entry.

    It stays when the stack goes, refuses deletion, and can be restored to any second of the last 35 days.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.

    Example:
        RolloutLedger(stack, "Ledger").table

    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table: dynamodb.ITable = dynamodb.Table(
            self,
            "Resource",
            partition_key=dynamodb.Attribute(name="endpoint", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="entry", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        """The table; it may be shared by several rollouts."""
