"""The traffic client: calls the endpoint with boto3 at a steady rate, and writes down each answer.

Run as `python -m tidegate_cli.rehearsal.traffic ...`. It is open-loop: a request is due when the clock says
so, also when earlier ones were not answered yet. It ends when its standard input is closed (so also when its
parent dies), after `--max-seconds`, or after `--max-requests`.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.pace import Pace
from tidegate_cli.rehearsal.records import Record
from tidegate_cli.rehearsal.request import Row, ask, load_rows

if TYPE_CHECKING:
    from io import TextIOWrapper

_FLUSH_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Requests sent, seconds between the first and the last, and requests given up as late."""

    sent: int
    seconds: float
    skipped: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0


class Client:
    """Sends rows in random order from several threads, each with a boto3 client of its own.

    Args:
        endpoint_url: The local cloud.
        endpoint: Name of the endpoint.
        rows: What to send.
        pace: When the next request is due.
        threads: How many requests may be under way at once.

    """

    def __init__(
        self, *, endpoint_url: str, endpoint: str, rows: Sequence[Row], pace: Pace, threads: int
    ) -> None:
        self._endpoint_url = endpoint_url
        self._endpoint = endpoint
        self._rows = rows
        self._pace = pace
        self._records: SimpleQueue[Record] = SimpleQueue()
        self._threads = [threading.Thread(target=self._send, args=(seed,)) for seed in range(threads)]

    def run(self, output: "TextIOWrapper", stop: threading.Event) -> Summary:
        """Send until the pace ends or `stop` is set, writing records to `output`; then tell what was done."""
        for thread in self._threads:
            thread.start()
        sent, first, last = 0, 0.0, 0.0
        while any(thread.is_alive() for thread in self._threads) or not self._records.empty():
            if stop.wait(_FLUSH_SECONDS):
                self._pace.stop()
            for record in self._taken():
                output.write(record.to_line())
                sent, first, last = sent + 1, first or record.at, max(last, record.at)
            output.flush()
            if stop.is_set():
                time.sleep(0.01)
        return Summary(sent=sent, seconds=last - first, skipped=self._pace.skipped)

    def _send(self, seed: int) -> None:
        client = LocalAws(endpoint_url=self._endpoint_url).runtime
        order = random.Random(seed)  # noqa: S311 - an order of rows, not a secret
        while self._pace.wait():
            self._records.put(ask(client, self._endpoint, order.choice(self._rows)))

    def _taken(self) -> list[Record]:
        taken: list[Record] = []
        while True:
            try:
                taken.append(self._records.get_nowait())
            except Empty:
                return taken


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the client; print its summary as one JSON line; return the exit status."""
    options = _options(arguments)
    stop = threading.Event()
    threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    pace = Pace(rate=options.rate, max_seconds=options.max_seconds, max_requests=options.max_requests)
    client = Client(
        endpoint_url=options.endpoint_url,
        endpoint=options.endpoint,
        rows=load_rows(options.rows),
        pace=pace,
        threads=options.threads,
    )
    with options.output.open("w") as output:
        done = client.run(output, stop)
    summary: dict[str, Any] = {"sent": done.sent, "seconds": done.seconds, "rate": done.rate}
    sys.stdout.write(json.dumps({**summary, "skipped": done.skipped}) + "\n")
    return 0


def _wait_for_end_of_input(stop: threading.Event) -> None:
    while sys.stdin.read(4096):
        pass
    stop.set()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tidegate_cli.rehearsal.traffic")
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--rows", type=Path, required=True, help="JSON lines: {row, label}")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--max-seconds", type=float, default=1200.0)
    parser.add_argument("--max-requests", type=int, default=1_000_000)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
