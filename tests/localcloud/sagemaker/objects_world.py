"""A SageMaker with real processes and a fast clock, over objects in a dictionary."""

import io
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError
from localcloud.hosting import HostingEngine
from localcloud.sagemaker import SageMaker
from localcloud.sagemaker.transform import Objects

ROLE: Final = "arn:aws:iam::000000000000:role/execution"
SCALE: Final = 1200.0
DEADLINE_SECONDS: Final = 20.0
_REFUSED: Final = {
    "s3://closed/": "Access Denied",
    "s3://nowhere/": "The specified bucket does not exist",
}


def packed(files: Mapping[str, str]) -> bytes:
    """Return a tar.gz with these files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return target.getvalue()


class ObjectsWorld:
    """The service, its S3, its metrics and its events.

    Args:
        folder: Where processes have their files.
        objects: What S3 holds, by URI.
        scale: How much faster than real time the clock runs.
        options: More of the service.

    """

    def __init__(
        self, folder: Path, objects: Mapping[str, bytes], *, scale: float = SCALE, **options: Any
    ) -> None:
        self.objects = dict(objects)
        self.events: list[tuple[str, str, dict[str, Any], list[str]]] = []
        self.clock = CloudClock(scale)
        self.metrics = MetricStore()
        self.engine = HostingEngine(folder, self.read)
        self.sagemaker = SageMaker(
            self.clock,
            self.metrics,
            lambda *event: self.events.append(event),
            self.read,
            self.engine,
            objects=Objects(below=self.below, read=self.read, write=self.write),
            **options,
        )

    def below(self, uri: str) -> list[str]:
        return sorted(each for each in self.objects if each.startswith(uri))

    def read(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise AwsError("ValidationException", f"Could not find model data at {uri}.")
        return self.objects[uri]

    def write(self, uri: str, data: bytes, _content_type: str) -> None:
        for bucket, why in _REFUSED.items():
            if uri.startswith(bucket):
                raise AwsError("ValidationException", why)
        self.objects[uri] = data

    def call(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self.sagemaker.call(operation, params)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError("it did not happen in time")
            time.sleep(0.01)

    def close(self) -> None:
        self.sagemaker.close()
        self.clock.close()
