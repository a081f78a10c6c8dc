"""The table that records every decision of every rollout."""

from functools import cached_property
from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

_Table = dynamodb.CfnTable
_KEY: Final = {"endpoint": "HASH", "entry": "RANGE"}


class RolloutLedger(Construct):
    """A DynamoDB table with the lease, the runs and the decisions, keyed by endpoint and entry.

    It stays when the stack goes, refuses deletion, and can be restored to any second of the last 35 days.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.

    Example:
        ledger = RolloutLedger(stack, "Ledger")
        ledger.table.grant_read_data(auditor)

    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        table = _Table(
            # Two levels, as of the CDK's own table: another logical id would be another, empty table.
            Construct(self, "Resource"),
            "Resource",
            attribute_definitions=[
                _Table.AttributeDefinitionProperty(attribute_name=name, attribute_type="S") for name in _KEY
            ],
            key_schema=[
                _Table.KeySchemaProperty(attribute_name=name, key_type=kind) for name, kind in _KEY.items()
            ],
            billing_mode="PAY_PER_REQUEST",
            point_in_time_recovery_specification=_Table.PointInTimeRecoverySpecificationProperty(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection_enabled=True,
        )
        table.apply_removal_policy(RemovalPolicy.RETAIN)
        self.table_arn: str = table.attr_arn
        """ARN of the table."""
        self.table_name: str = table.ref
        """Name of the table."""

    @cached_property
    def table(self) -> dynamodb.ITable:
        """The table as the CDK knows it, for grants and metrics; it may be shared by several rollouts."""
        return dynamodb.Table.from_table_arn(self, "Table", self.table_arn)
