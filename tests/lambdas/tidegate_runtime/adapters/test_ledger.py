"""The ledger: conditions, keys and pages."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from botocore.stub import Stubber

from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.ports import Lease, Run

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"


def ledger(stubbed: Stubbed) -> tuple[DynamoLedger, Stubber]:
    client, stubber = stubbed("dynamodb")
    return DynamoLedger(client, table="ledger", endpoint_name="digits"), stubber


def test_a_record_is_stored_only_over_the_revision_it_was_read_at(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    expected = {
        "TableName": "ledger",
        "Item": {
            "endpoint": {"S": "digits"},
            "entry": {"S": "RUN#v2"},
            "status": {"S": "RUNNING"},
            "revision": {"N": "4"},
            "body": {"S": '{"phase":"STEPPING"}'},
        },
        "ConditionExpression": "revision = :revision",
        "ExpressionAttributeValues": {":revision": {"N": "3"}},
    }
    stubber.add_response("put_item", {}, expected)
    stubber.add_client_error("put_item", "ConditionalCheckFailedException", "no")
    run = Run(rollout_id="v2", status="RUNNING", body={"phase": "STEPPING"}, revision=3)
    assert [adapter.save(run), adapter.save(run)] == [True, False]


def test_a_decision_is_stored_under_its_time_in_milliseconds(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    item = {
        "endpoint": {"S": "digits"},
        "entry": {"S": "LOG#v2#001700000000500#SHIFTED"},
        "body": {"S": '{"step":0}'},
    }
    stubber.add_response("put_item", {}, {"TableName": "ledger", "Item": item})
    adapter.log("v2", at=1_700_000_000.5, kind="SHIFTED", body={"step": 0})


def test_a_lease_is_taken_given_back_and_read(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    stubber.add_client_error("put_item", "ConditionalCheckFailedException", "held")
    stubber.add_client_error("delete_item", "ConditionalCheckFailedException", "another's")
    item = {"rollout_id": {"S": "v9"}, "expires_at": {"N": "17"}}
    stubber.add_response("get_item", {"Item": item})
    assert adapter.acquire(Lease(rollout_id="v2", expires_at=1), replacing=None) is False
    adapter.release("v2")
    assert adapter.lease() == Lease(rollout_id="v9", expires_at=17)


def test_open_runs_are_read_over_all_pages(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    key = {"endpoint": {"S": "digits"}, "entry": {"S": "RUN#v2"}}
    item = {**key, "status": {"S": "RUNNING"}, "body": {"S": "{}"}, "revision": {"N": "1"}}
    stubber.add_response("query", {"Items": [], "LastEvaluatedKey": key})
    stubber.add_response("query", {"Items": [item]})
    assert adapter.open_runs() == [Run(rollout_id="v2", status="RUNNING", body={}, revision=1)]


def test_what_waits_for_a_human_is_read_by_its_status(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    key = {"endpoint": {"S": "digits"}, "entry": {"S": "RUN#v2"}}
    item = {**key, "status": {"S": "NEEDS_HUMAN"}, "body": {"S": "{}"}, "revision": {"N": "3"}}
    expected = {
        "TableName": "ledger",
        "ConsistentRead": True,
        "KeyConditionExpression": "#endpoint = :endpoint AND begins_with(#entry, :run)",
        "FilterExpression": "#status = :status",
        "ExpressionAttributeNames": {"#endpoint": "endpoint", "#entry": "entry", "#status": "status"},
        "ExpressionAttributeValues": {
            ":endpoint": {"S": "digits"},
            ":run": {"S": "RUN#"},
            ":status": {"S": "NEEDS_HUMAN"},
        },
    }
    stubber.add_response("query", {"Items": [item]}, expected)
    assert [run.rollout_id for run in adapter.waiting_runs()] == ["v2"]
