"""DynamoDB as HTTP answers, with the in-memory ledger behind them."""

import json
from typing import Any, Final

from tests.lambdas.wire.transport import Answer, Refused, Request, json_answer
from tidegate_runtime.ports import Lease, Run

_RUN: Final = "RUN#"
_NEW: Final = "attribute_not_exists(#entry)"
_MINE: Final = f"{_NEW} OR rollout_id = :me"
_REPLACING: Final = f"{_MINE} OR (rollout_id = :holder AND expires_at = :expires)"


class TableSide:
    """Answers the requests that the ledger's adapter makes, and refuses to guess at any other condition.

    Args:
        ledger: The methods of the `Ledger` port as they were on the fake.

    """

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def get_item(self, request: Request) -> Answer:
        entry = request.params["Key"]["entry"]["S"]
        assert request.params["ConsistentRead"] is True, entry
        if entry == "LEASE":
            return _found(_lease_item(self._ledger.lease()))
        return _found(_run_item(self._ledger.run(_run_id(entry))))

    def put_item(self, request: Request) -> Answer:
        item, entry = request.params["Item"], request.params["Item"]["entry"]["S"]
        condition = request.params.get("ConditionExpression", "")
        values = request.params.get("ExpressionAttributeValues", {})
        if entry == "LEASE":
            done = self._acquire(item, condition, values)
        elif entry.startswith("LOG#"):
            _, run_id, at, kind = entry.split("#")
            self._ledger.log(run_id, at=int(at) / 1000, kind=kind, body=json.loads(item["body"]["S"]))
            done = True
        else:
            done = self._save(item, condition, values)
        if not done:
            raise Refused("ConditionalCheckFailedException", "The conditional request failed")
        return json_answer({})

    def delete_item(self, request: Request) -> Answer:
        assert request.params["Key"]["entry"]["S"] == "LEASE"
        assert request.params["ConditionExpression"] == "rollout_id = :me"
        rollout_id, held = request.params["ExpressionAttributeValues"][":me"]["S"], self._ledger.lease()
        if held is None or held.rollout_id != rollout_id:
            raise Refused("ConditionalCheckFailedException", "The conditional request failed")
        self._ledger.release(rollout_id)
        return json_answer({})

    def query(self, request: Request) -> Answer:
        status = request.params["ExpressionAttributeValues"][":status"]["S"]
        runs = {
            "RUNNING": self._ledger.open_runs,
            "QUEUED": self._ledger.queued_runs,
            "NEEDS_HUMAN": self._ledger.waiting_runs,
            "PROMOTED": self._ledger.promoted_runs,
        }[status]()
        return json_answer({"Items": [_run_item(run) for run in runs], "Count": len(runs)})

    def _acquire(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> bool:
        lease = Lease(rollout_id=item["rollout_id"]["S"], expires_at=int(item["expires_at"]["N"]))
        assert values[":me"]["S"] == lease.rollout_id
        if condition == _MINE:
            return bool(self._ledger.acquire(lease, replacing=None))
        assert condition == _REPLACING, condition
        holder = Lease(rollout_id=values[":holder"]["S"], expires_at=int(values[":expires"]["N"]))
        return bool(self._ledger.acquire(lease, replacing=holder))

    def _save(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> bool:
        assert condition in (_NEW, "revision = :revision"), condition
        known = 0 if condition == _NEW else int(values[":revision"]["N"])
        assert int(item["revision"]["N"]) == known + 1
        run = Run(
            rollout_id=_run_id(item["entry"]["S"]),
            status=item["status"]["S"],
            body=json.loads(item["body"]["S"]),
            revision=known,
        )
        return bool(self._ledger.save(run))


def _found(item: dict[str, Any] | None) -> Answer:
    return json_answer({} if item is None else {"Item": item})


def _run_id(entry: str) -> str:
    assert entry.startswith(_RUN), entry
    return entry.removeprefix(_RUN)


def _lease_item(lease: Lease | None) -> dict[str, Any] | None:
    if lease is None:
        return None
    return {"rollout_id": {"S": lease.rollout_id}, "expires_at": {"N": str(lease.expires_at)}}


def _run_item(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "entry": {"S": f"{_RUN}{run.rollout_id}"},
        "status": {"S": run.status},
        "revision": {"N": str(run.revision)},
        "body": {"S": json.dumps(run.body)},
    }
