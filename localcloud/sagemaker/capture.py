"""Data capture: requests and answers as JSON lines in S3.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html (paths and lines)
"""

import base64
import datetime
import json
import random
import threading
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.hosting.client import Answer
from localcloud.sagemaker.names import Params, invalid
from localcloud.sagemaker.transform import Objects

_PUBLISH_SECONDS: Final = 60.0
_SIDES: Final[Mapping[str, frozenset[str]]] = {
    "Input": frozenset({"Input"}),
    "Output": frozenset({"Output"}),
    "InputAndOutput": frozenset({"Input", "Output"}),
}
_JSON_LINES: Final = "application/jsonlines"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSettings:
    """What is captured, and where it goes.

    Attributes:
        percent: share of the requests.
        destination: S3 address that files are stored below.
        sides: Input, Output or both.
        encodings: CSV or JSON by content type; everything else is stored as BASE64.
        description: the DataCaptureConfig as given.

    """

    percent: int
    destination: str
    sides: frozenset[str]
    encodings: Mapping[str, str]
    description: Mapping[str, Any]

    @classmethod
    def read(cls, given: Params) -> "CaptureSettings | None":
        """Read a DataCaptureConfig; None when it is switched off."""
        if not given.get("EnableCapture", False):
            return None
        kinds = given.get("CaptureContentTypeHeader", {})
        by_kind = (("CSV", kinds.get("CsvContentTypes", [])), ("JSON", kinds.get("JsonContentTypes", [])))
        return cls(
            percent=given["InitialSamplingPercentage"],
            destination=given["DestinationS3Uri"].rstrip("/"),
            sides=frozenset().union(*(_SIDES[each["CaptureMode"]] for each in given["CaptureOptions"])),
            encodings={each: encoding for encoding, types in by_kind for each in types},
            description=given,
        )

    def describe(self) -> dict[str, Any]:
        """Return a DataCaptureConfigSummary."""
        return {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": self.percent,
            "DestinationS3Uri": self.description["DestinationS3Uri"],
            "KmsKeyId": self.description.get("KmsKeyId", ""),
        }


def check_capture(given: Params, *, serverless: bool) -> None:
    """Refuse to capture what a serverless endpoint answers."""
    if given.get("EnableCapture") and serverless:
        raise invalid("serverless endpoints do not support DataCaptureConfig")


class DataCapture:
    """Keeps what was captured, and stores it once a cloud minute, a file for each variant.

    Args:
        clock: the cloud clock.
        objects: S3; without it nothing is captured.
        rng: chooses the requests.

    """

    def __init__(self, clock: CloudClock, objects: Objects | None, *, rng: random.Random) -> None:
        self._clock = clock
        self._objects = objects
        self._rng = rng
        self._lock = threading.Lock()
        self._lines: dict[str, list[str]] = defaultdict(list)

    def add(
        self,
        settings: CaptureSettings,
        folder: str,
        headers: Mapping[str, str],
        body: bytes,
        answer: Answer,
    ) -> None:
        """Capture one request, if its turn has come.

        Args:
            settings: what is captured.
            folder: endpoint and variant, with a slash between.
            headers: of the request, names in lower case.
            body: of the request.
            answer: of the model.

        """
        if self._rng.random() * 100 >= settings.percent:
            return
        now = self._clock.now()
        line = _line(settings, headers, body, answer, now)
        moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
        with self._lock:
            is_first = not self._lines
            self._lines[f"{settings.destination}/{folder}/{moment:%Y/%m/%d/%H}"].append(line)
        if is_first:
            self._clock.after(_PUBLISH_SECONDS, self.flush)

    def flush(self) -> None:
        """Store what was captured."""
        with self._lock:
            lines, self._lines = self._lines, defaultdict(list)
        moment = datetime.datetime.fromtimestamp(self._clock.now(), datetime.UTC)
        for folder, captured in lines.items():
            uri = f"{folder}/{moment:%M-%S}-{moment.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
            if self._objects is not None:
                self._objects.write(uri, "".join(captured).encode(), _JSON_LINES)


def _line(
    settings: CaptureSettings, headers: Mapping[str, str], body: bytes, answer: Answer, now: float
) -> str:
    data: dict[str, Any] = {}
    if "Input" in settings.sides:
        data["endpointInput"] = _side(settings, "INPUT", headers.get("content-type", ""), body)
    if "Output" in settings.sides:
        kind = answer.headers.get("content-type", "")
        data["endpointOutput"] = _side(settings, "OUTPUT", kind, answer.body)
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    metadata = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    if "x-amzn-sagemaker-inference-id" in headers:
        metadata["inferenceId"] = headers["x-amzn-sagemaker-inference-id"]
    return json.dumps({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}) + "\n"


def _side(settings: CaptureSettings, mode: str, content_type: str, content: bytes) -> dict[str, str]:
    encoding = settings.encodings.get(content_type.partition(";")[0].strip(), "BASE64")
    is_text = encoding != "BASE64"
    data = content.decode(errors="replace") if is_text else base64.b64encode(content).decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
