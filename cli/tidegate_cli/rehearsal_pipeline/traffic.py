"""Traffic to every environment's endpoint while models change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidegate_cli.rehearsal.load import Load, start_load
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.records import OK

RATE: Final = 20.0
"""Requests a second to each endpoint: at scale 60 as many in a cloud minute."""


@dataclass(slots=True, kw_only=True)
class Traffic:
    """The clients, by endpoint."""

    loads: dict[str, Load] = field(default_factory=dict)

    def start(
        self, processes: Processes, endpoints: Sequence[str], *, work: Path, url: str, rows: Path
    ) -> None:
        """Start a client for each endpoint and wait for its first answers."""
        for endpoint in endpoints:
            folder = work / endpoint
            folder.mkdir()
            self.loads[endpoint] = start_load(
                processes, work=folder, endpoint_url=url, endpoint=endpoint, rows=rows, rate=RATE
            )

    def stop(self) -> tuple[dict[str, int], int]:
        """End the clients; return requests by endpoint, and how many were not answered."""
        sent, failed = {}, 0
        for endpoint, load in self.loads.items():
            sent[endpoint], _ = load.stop()
            failed += sum(record.outcome != OK for record in load.records)
        return sent, failed
