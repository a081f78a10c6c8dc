from collections.abc import Callable
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tidegate import RolloutLedger

Render = Callable[[], Template]
TABLE = "AWS::DynamoDB::Table"


def test_the_ledger_outlives_its_stack_and_can_be_restored(stack: Stack, template: Render) -> None:
    RolloutLedger(stack, "Ledger")
    (table,) = template().find_resources(TABLE).values()
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    found = table["Properties"]
    assert found["DeletionProtectionEnabled"] is True
    assert found["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_ledger_is_keyed_by_endpoint_and_entry(stack: Stack, template: Render) -> None:
    RolloutLedger(stack, "Ledger")
    keys = {"AttributeName": "endpoint", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}
    template().has_resource_properties(TABLE, {"KeySchema": list(keys), "BillingMode": "PAY_PER_REQUEST"})


def test_a_role_may_be_granted_access_to_the_ledger(stack: Stack, template: Render) -> None:
    ledger = RolloutLedger(stack, "Ledger")
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    ledger.table.grant_read_data(reader)
    rendered = template()
    (name,) = rendered.find_resources(TABLE)
    (policy,) = rendered.find_resources("AWS::IAM::Policy").values()
    statements: list[Any] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert all({"Fn::GetAtt": [name, "Arn"]} in _list(one["Resource"]) for one in statements)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
