"""What the user asks of `check-model`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate_cli.check_model.contract import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for.

    Attributes:
        model: A model archive, or a folder to be packed.
        samples: File of sample requests; only the start is checked when None.
        kind: Kind of inference.
        memory_mb: Memory that the model may use; told but not judged when None.
        startup_seconds: Time within which it must answer its ping.
        request_seconds: Time to wait for an answer; the kind's limit when None.
        concurrency: How many requests to send at the same time.
        environment: Environment variables of the container.

    """

    model: str
    samples: Path | None
    kind: Kind
    memory_mb: int | None
    startup_seconds: float
    request_seconds: float | None
    concurrency: int
    environment: Mapping[str, str]
