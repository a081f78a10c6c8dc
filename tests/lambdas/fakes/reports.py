"""CodePipeline's side of a job in memory: what it is told, and how it calls again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.errors import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One report."""

    kind: str
    summary: str = ""
    variables: Mapping[str, str] | None = None
    token: str = ""
    failure: str = ""


class FakeReports(Port):
    """The reports by the id of the job; the first one about a job counts."""

    name = "codepipeline"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.told: dict[str, Told] = {}
        self.refused_variables: set[str] = set()

    @call
    def done(self, job_id: str, *, variables: Mapping[str, str], summary: str) -> None:
        if refused := self.refused_variables & set(variables):
            raise Rejected(f"variables {refused}")
        self._tell(job_id, Told(kind="done", summary=summary, variables=dict(variables)))

    @call
    def goes_on(self, job_id: str, *, token: str, summary: str) -> None:
        assert len(token) <= 2048
        self._tell(job_id, Told(kind="goes_on", summary=summary, token=token))

    @call
    def failed(self, job_id: str, *, message: str, kind: str) -> None:
        self._tell(job_id, Told(kind="failed", summary=message, failure=kind))

    def _tell(self, job_id: str, told: Told) -> None:
        assert 1 <= len(told.summary) <= 5000
        self.told.setdefault(job_id, told)


def event(job_id: str, parameters: Mapping[str, Any] | str, *, token: str = "") -> dict[str, Any]:
    """Return the event of one call, as CodePipeline sends it."""
    text = parameters if isinstance(parameters, str) else json.dumps(parameters)
    data: dict[str, Any] = {"actionConfiguration": {"configuration": {"UserParameters": text}}}
    if token:
        data["continuationToken"] = token
    return {"CodePipeline.job": {"id": job_id, "accountId": "000000000000", "data": data}}
