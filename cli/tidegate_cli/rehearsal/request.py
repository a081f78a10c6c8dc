"""One request to the endpoint, and what became of it."""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tidegate_cli.rehearsal.records import MODEL_ERROR, OK, UNKNOWN, Record

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_VARIANT: Final = re.compile(r"log-stream:([^/]+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the data set: the request's body, and the true label."""

    body: bytes
    label: int


def save_rows(path: Path, rows: Iterable[Any], labels: Iterable[Any]) -> None:
    """Write rows and labels as JSON lines."""
    lines = [
        json.dumps({"row": [float(value) for value in row], "label": int(label)})
        for row, label in zip(rows, labels, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")


def load_rows(path: Path) -> list[Row]:
    """Read rows that `save_rows` wrote."""
    documents = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        Row(body=json.dumps({"instances": [document["row"]]}).encode(), label=document["label"])
        for document in documents
    ]


def ask(client: "SageMakerRuntimeClient", endpoint: str, row: Row) -> Record:
    """Send a row and describe the answer; an error is an answer too."""
    begin = time.perf_counter()
    try:
        answer = client.invoke_endpoint(EndpointName=endpoint, ContentType="application/json", Body=row.body)
        document = json.loads(answer["Body"].read())
    except ClientError as error:
        return _failed(begin, error.response["Error"]["Code"], _variant(error))
    except (BotoCoreError, ValueError, OSError) as error:
        return _failed(begin, type(error).__name__, UNKNOWN)
    return Record(
        at=time.time(),
        milliseconds=1000 * (time.perf_counter() - begin),
        outcome=OK,
        variant=answer["InvokedProductionVariant"],
        version=str(document["model_version"]),
        right=document["predictions"][0] == row.label,
    )


def _failed(begin: float, outcome: str, variant: str) -> Record:
    elapsed = 1000 * (time.perf_counter() - begin)
    return Record(at=time.time(), milliseconds=elapsed, outcome=outcome, variant=variant)


def _variant(error: ClientError) -> str:
    """Name the variant whose model failed: SageMaker says it only in the address of its log stream."""
    if error.response["Error"]["Code"] != MODEL_ERROR:
        return UNKNOWN
    response: dict[str, Any] = dict(error.response)
    found = _VARIANT.search(str(response.get("LogStreamArn", "")))
    return found.group(1) if found else UNKNOWN
