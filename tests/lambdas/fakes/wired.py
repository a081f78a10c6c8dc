"""Real clients of boto3 whose calls are answered here, by operation, and noted."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config

Answers = Mapping[str, Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]]


class WiredClients:
    """Makes clients as `Access` has them.

    `answers` says by operation what AWS answers; `calls` is what was asked: service and operation. Requests
    are validated by botocore's own model.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.calls: list[tuple[str, str]] = []
        self.regions: set[str] = set()

    def __call__(self, service: str, *, config: Config | None = None, region: str | None = None) -> Any:
        """Return a client of a service."""
        where = region if region is not None else "eu-west-1"
        self.regions.add(where)
        client = boto3.client(  # type: ignore[call-overload]  # any service by name
            service, region_name=where, aws_access_key_id="x", aws_secret_access_key="x", config=config
        )
        client.meta.events.register("provide-client-params.*.*", self._asked)
        client.meta.events.register("before-call.*.*", self._answered)
        return client

    def _asked(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self._params = params
        self.calls.append((model.service_model.service_name, model.name))

    def _answered(self, model: Any, **_: Any) -> tuple[Any, Mapping[str, Any]]:
        answer = self._answers[model.name]
        found = answer(self._params) if callable(answer) else answer
        return SimpleNamespace(status_code=200, headers={}), {**found, "ResponseMetadata": {}}
