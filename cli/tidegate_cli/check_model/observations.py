"""What was seen of a model: the samples that were sent, and what came back."""

from dataclasses import dataclass

from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sample that was sent.

    Attributes:
        sample: The sample.
        answer: What came back; None when nothing did.
        trouble: Why nothing came back.
        late: Whether it took too long.

    """

    sample: Sample
    answer: Answer | None = None
    trouble: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Everything that was observed.

    Attributes:
        start_seconds: Time from the start to the first answered ping.
        pings: Seconds of each ping; None for one that was not answered with 200 in time.
        alone: Each sample, sent one after the other to the first process.
        together: Samples that were sent at the same time.
        fresh: Each answered sample once more, to a second process.
        fresh_trouble: Why there was no second process; empty when there was.
        peak_bytes: Most memory of the process that answered last; None where nobody counts it.

    """

    start_seconds: float
    pings: tuple[float | None, ...]
    alone: tuple[Asked, ...]
    together: tuple[Asked, ...] = ()
    fresh: tuple[Asked, ...] = ()
    fresh_trouble: str = ""
    peak_bytes: int | None = None
