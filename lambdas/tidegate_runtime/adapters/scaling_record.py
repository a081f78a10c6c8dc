"""The `ScalingRecord` port on an entry of the ledger table."""

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.ledger import translated_but
from tidegate_runtime.attachment import Attachment, by_variant

_ENTRY: Final = "SCALING"
_CONFLICT: Final = "ConditionalCheckFailedException"


class DynamoScalingRecord:
    """The entry `SCALING` of one endpoint."""

    def __init__(self, client: Any, *, table: str, endpoint_name: str) -> None:
        self._client = client
        self._table = table
        self._key = {"endpoint": {"S": endpoint_name}, "entry": {"S": _ENTRY}}

    def read(self) -> dict[str, Attachment] | None:
        """Return what must be attached, by variant, or None."""
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else by_variant(json.loads(item["body"]["S"]))

    def write(self, attachments: Mapping[str, Attachment]) -> None:
        """Replace the record."""
        item = {**self._key, "body": {"S": _text(attachments)}}
        with translated():
            self._client.put_item(TableName=self._table, Item=item)

    def clear(self, attachments: Mapping[str, Attachment]) -> None:
        """Delete the record unless it has changed since it was read."""
        try:
            with translated_but(_CONFLICT):
                self._client.delete_item(
                    TableName=self._table,
                    Key=self._key,
                    ConditionExpression="#body = :body",
                    ExpressionAttributeNames={"#body": "body"},
                    ExpressionAttributeValues={":body": {"S": _text(attachments)}},
                )
        except ClientError:
            return


def _text(attachments: Mapping[str, Attachment]) -> str:
    plain = {name: attachment.to_dict() for name, attachment in attachments.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))
