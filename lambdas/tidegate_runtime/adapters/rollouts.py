"""The `Rollouts` port on an environment's ledger table, which is only read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.approval import approved_at
from tidegate_runtime.ports import Run

_APPROVED: Final = "RUN#v"
"""How the records begin of rollouts that an approval has started."""


class LedgerRollouts:
    """The rollouts of one endpoint."""

    def __init__(self, client: Any, *, table: str, endpoint_name: str) -> None:
        self._client = client
        self._table = table
        self._endpoint_name = endpoint_name

    def of(self, number: str) -> Sequence[Run]:
        """Return the records of a version's rollouts, in the order of its approvals."""
        return self._runs(f"{_APPROVED}{number}-")

    def every(self) -> Sequence[Run]:
        """Return the records of all versions' rollouts, in the order of the approvals."""
        return self._runs(_APPROVED)

    def judged(self, rollout_id: str) -> Sequence[Mapping[str, Any]]:
        """Return what the judge has put on record, in its order."""
        found = self._items(f"LOG#{rollout_id}#")
        return [json.loads(item["body"]["S"]) for item in found if item["entry"]["S"].endswith("#JUDGED")]

    def _runs(self, prefix: str) -> Sequence[Run]:
        return sorted((_run(item) for item in self._items(prefix)), key=approved_at)

    def _items(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="#endpoint = :endpoint AND begins_with(#entry, :prefix)",
            ExpressionAttributeNames={"#endpoint": "endpoint", "#entry": "entry"},
            ExpressionAttributeValues={
                ":endpoint": {"S": self._endpoint_name},
                ":prefix": {"S": prefix},
            },
        )
        with translated():
            for page in pages:
                yield from page["Items"]


def _run(item: Mapping[str, Any]) -> Run:
    return Run(
        rollout_id=item["entry"]["S"].removeprefix("RUN#"),
        status=item["status"]["S"],
        body=json.loads(item["body"]["S"]),
        revision=int(item.get("revision", {"N": "0"})["N"]),
    )
