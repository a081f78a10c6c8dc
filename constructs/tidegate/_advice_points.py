"""What speaks for and against a kind of inference, where the compatibility table leaves a choice.

The points are Tidegate's judgement, from the purposes that AWS's pages name for each kind. They order what
fits; they never decide whether it fits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tidegate.compatibility import Mode
from tidegate.workload import Workload

BUSY_SERVERLESS: Final = 5.0
"""From about this many requests in the works at once, instances cost less than serverless."""
MANY_MODELS: Final = 15
MINUTE: Final = 60
HOUR: Final = 3600

START_SECONDS: Final = {
    Mode.MULTI_MODEL: 10.0,
    Mode.SERVERLESS: 10.0,
    Mode.ASYNC: 5.0,
    Mode.BATCH: 600.0,
}
"""How long a request may wait before its processing starts: a cold start, a queue, a job's instances.
Orders of magnitude; the other kinds start at once."""


@dataclass(frozen=True, slots=True)
class Point:
    """One argument: for a kind when `weight` is above 0, against it when below."""

    weight: int
    reason: str


def points(mode: Mode, workload: Workload) -> tuple[Point, ...]:
    """Return the arguments for and against a kind that fits."""
    return tuple(_ARGUMENTS[mode](workload))


def _real_time(workload: Workload) -> Iterator[Point]:
    yield from _instances(workload)
    if workload.models == 1:
        yield Point(2, "one model on instances of its own, with every strategy of change")
    else:
        yield Point(-3, f"needs one endpoint for each of the {workload.models} models")
    if workload.cost == "fastest-answer":
        yield Point(3, "no cold start and no queue")


def _instances(workload: Workload) -> Iterator[Point]:
    if workload.traffic == "steady":
        yield Point(3, "steady traffic keeps instances busy")
    elif workload.traffic == "spiky":
        yield Point(0, "autoscaling follows bursts after minutes")
    else:
        yield Point(-4, "instances are billed while no request comes")


def _multi_model(workload: Workload) -> Iterator[Point]:
    yield from _instances(workload)
    yield Point(
        3 if workload.models <= MANY_MODELS else 6, f"{workload.models} models share the same instances"
    )
    if workload.cost == "lowest":
        yield Point(2, "fewer instances than an endpoint for each model")
    if workload.cost == "fastest-answer":
        yield Point(-2, "the first request of a model waits until it is loaded")
    if workload.gpu:
        yield Point(-1, "models on one GPU compete for its memory")


def _direct(workload: Workload) -> Iterator[Point]:
    yield from _instances(workload)
    yield Point(4, f"{workload.frameworks} different containers on the same instances")


def _serial(workload: Workload) -> Iterator[Point]:
    yield from _instances(workload)
    yield Point(3, "one request passes through all containers, on one instance")


def _components(workload: Workload) -> Iterator[Point]:
    if workload.traffic == "rare":
        yield Point(-1, "copies scale to zero, and a request without copies fails until they are back")
    else:
        yield from _instances(workload)
    if workload.models > 1:
        yield Point(5 if workload.gpu else 3, "each model has its own copies and its own scaling")
    if workload.cost == "fastest-answer" and workload.models > 1:
        yield Point(2, "every model stays loaded")


def _serverless(workload: Workload) -> Iterator[Point]:
    yield {
        "steady": Point(0, "steady traffic profits least from paying for use"),
        "spiky": Point(4, "scales with bursts, without policies"),
        "rare": Point(5, "nothing is billed between requests"),
    }[workload.traffic]
    if workload.concurrency > BUSY_SERVERLESS:
        yield Point(-4, f"{workload.concurrency:g} requests at once cost less on instances")
    if workload.answer_within_seconds < workload.processing_seconds + START_SECONDS[Mode.SERVERLESS]:
        yield Point(-2, "needs provisioned concurrency, which is billed all the time, against cold starts")
    if workload.cost == "lowest" and workload.concurrency <= BUSY_SERVERLESS:
        yield Point(2, "billed by the millisecond")
    if workload.models > 1:
        yield Point(-2, f"needs one endpoint for each of the {workload.models} models")


def _async(workload: Workload) -> Iterator[Point]:
    if workload.answer_within_seconds >= MINUTE:
        yield Point(2, "the queue fits callers that can wait for minutes")
    if workload.traffic != "steady":
        yield Point(3, "the queue absorbs bursts, and the instances scale to zero between them")
    if workload.cost == "lowest":
        yield Point(1, "no instances without a backlog")
    if workload.models > 1:
        yield Point(-3, f"needs one endpoint for each of the {workload.models} models")


def _batch(workload: Workload) -> Iterator[Point]:
    if workload.answer_within_seconds >= HOUR:
        yield Point(6, "nobody waits: instances run for the length of the job only")
    if workload.cost == "lowest":
        yield Point(2, "no endpoint to pay for")


_ARGUMENTS: Final[dict[Mode, Callable[[Workload], Iterator[Point]]]] = {
    Mode.REAL_TIME: _real_time,
    Mode.MULTI_MODEL: _multi_model,
    Mode.DIRECT: _direct,
    Mode.SERIAL: _serial,
    Mode.COMPONENTS: _components,
    Mode.SERVERLESS: _serverless,
    Mode.ASYNC: _async,
    Mode.BATCH: _batch,
}
