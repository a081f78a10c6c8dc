"""The `Ledger` port on a DynamoDB table with keys `endpoint` and `entry`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.ports import Lease, Run

_LEASE: Final = "LEASE"
_RUN: Final = "RUN#"
_CONFLICT: Final = "ConditionalCheckFailedException"


class DynamoLedger:
    """The entries of one endpoint."""

    def __init__(self, client: Any, *, table: str, endpoint_name: str) -> None:
        self._client = client
        self._table = table
        self._endpoint_name = endpoint_name

    def lease(self) -> Lease | None:
        """Return the lease, or None."""
        item = self._get(_LEASE)
        if item is None:
            return None
        return Lease(rollout_id=item["rollout_id"]["S"], expires_at=int(float(item["expires_at"]["N"])))

    def acquire(self, lease: Lease, *, replacing: Lease | None) -> bool:
        """Take the lease if it is free, already ours, or still `replacing`."""
        condition = "attribute_not_exists(#entry) OR rollout_id = :me"
        values = {":me": {"S": lease.rollout_id}}
        if replacing is not None:
            condition += " OR (rollout_id = :holder AND expires_at = :expires)"
            values |= {":holder": {"S": replacing.rollout_id}, ":expires": {"N": str(replacing.expires_at)}}
        return self._put(
            _LEASE,
            {
                "rollout_id": {"S": lease.rollout_id},
                "expires_at": {"N": str(lease.expires_at)},
                "body": {"S": "{}"},
            },
            ConditionExpression=condition,
            ExpressionAttributeNames={"#entry": "entry"},
            ExpressionAttributeValues=values,
        )

    def release(self, rollout_id: str) -> None:
        """Give the lease back if it is this rollout's."""
        try:
            with translated_but(_CONFLICT):
                self._client.delete_item(
                    TableName=self._table,
                    Key=self._key(_LEASE),
                    ConditionExpression="rollout_id = :me",
                    ExpressionAttributeValues={":me": {"S": rollout_id}},
                )
        except ClientError:
            return

    def run(self, rollout_id: str) -> Run | None:
        """Return the record of a rollout, or None."""
        item = self._get(f"{_RUN}{rollout_id}")
        return None if item is None else _run(item)

    def open_runs(self) -> Sequence[Run]:
        """Return all records with status RUNNING."""
        return self._runs("RUNNING")

    def queued_runs(self) -> Sequence[Run]:
        """Return all records with status QUEUED."""
        return self._runs("QUEUED")

    def waiting_runs(self) -> Sequence[Run]:
        """Return all records with status NEEDS_HUMAN."""
        return self._runs("NEEDS_HUMAN")

    def promoted_runs(self) -> Sequence[Run]:
        """Return all records with status PROMOTED."""
        return self._runs("PROMOTED")

    def _runs(self, status: str) -> Sequence[Run]:
        runs: list[Run] = []
        more: dict[str, Any] = {}
        while True:
            with translated():
                page = self._client.query(
                    TableName=self._table,
                    ConsistentRead=True,
                    KeyConditionExpression="#endpoint = :endpoint AND begins_with(#entry, :run)",
                    FilterExpression="#status = :status",
                    ExpressionAttributeNames={
                        "#endpoint": "endpoint",
                        "#entry": "entry",
                        "#status": "status",
                    },
                    ExpressionAttributeValues={
                        ":endpoint": {"S": self._endpoint_name},
                        ":run": {"S": _RUN},
                        ":status": {"S": status},
                    },
                    **more,
                )
            runs += [_run(item) for item in page["Items"]]
            if not page.get("LastEvaluatedKey"):
                return runs
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def save(self, run: Run) -> bool:
        """Store a record if nobody has changed it since it was read."""
        condition: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#entry)",
            "ExpressionAttributeNames": {"#entry": "entry"},
        }
        if run.revision:
            condition = {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": {"N": str(run.revision)}},
            }
        attributes = {
            "status": {"S": run.status},
            "revision": {"N": str(run.revision + 1)},
            "body": {"S": _text(run.body)},
        }
        return self._put(f"{_RUN}{run.rollout_id}", attributes, **condition)

    def log(self, rollout_id: str, *, at: float, kind: str, body: Mapping[str, Any]) -> None:
        """Add a decision under the time at which it was taken."""
        self._put(f"LOG#{rollout_id}#{int(at * 1000):015d}#{kind}", {"body": {"S": _text(body)}})

    def _key(self, entry: str) -> dict[str, Any]:
        return {"endpoint": {"S": self._endpoint_name}, "entry": {"S": entry}}

    def _get(self, entry: str) -> Mapping[str, Any] | None:
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=self._key(entry), ConsistentRead=True)
        item: Mapping[str, Any] | None = answer.get("Item")
        return item

    def _put(self, entry: str, attributes: Mapping[str, Any], **condition: Any) -> bool:
        try:
            with translated_but(_CONFLICT):
                item = {**self._key(entry), **attributes}
                self._client.put_item(TableName=self._table, Item=item, **condition)
        except ClientError:
            return False
        return True


class translated_but:  # noqa: N801  (reads as a function, like `translated`)
    """Like `translated`, but lets one error code through as it is."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if error is None or (isinstance(error, ClientError) and code_of(error) == self._code):
            return
        with translated():
            raise error


def _run(item: Mapping[str, Any]) -> Run:
    return Run(
        rollout_id=item["entry"]["S"].removeprefix(_RUN),
        status=item["status"]["S"],
        body=json.loads(item["body"]["S"]),
        revision=int(item.get("revision", {"N": "0"})["N"]),
    )


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
