"""The gate by endpoint comes twice, dies after any call and loses answers: it ends the same, and clean."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.validating import GATE, ROWS, GatedPipeline, assert_clean
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Transient
from tidegate_runtime.validation.gate import BY_ENDPOINT

CANDIDATE, LIVE = package(2), package(1)
CALLS = (
    "ssm.read",
    "registry.containers",
    "s3.read",
    "s3.write",
    "models.create",
    "models.delete",
    "runtime.invoke",
    *(f"endpoints.{verb}" for verb in ("create_config", "create", "describe", "delete", "delete_config")),
)


def good() -> GatedPipeline:
    pipeline = GatedPipeline(gate=replace(GATE, by=BY_ENDPOINT))
    # So slow that each version takes several calls.
    pipeline.invoker.seconds = 0.8
    return pipeline


def not_started() -> GatedPipeline:
    pipeline = good()
    pipeline.endpoints.fails = {LIVE}
    return pipeline


def broken() -> GatedPipeline:
    pipeline = good()
    pipeline.invoker.says = {LIVE: {90: (500, b"out of memory")}}
    return pipeline


def late() -> GatedPipeline:
    pipeline = good()
    pipeline.gate = replace(pipeline.gate, max_minutes=5)
    return pipeline


def missing() -> GatedPipeline:
    pipeline = good()
    pipeline.registry.missing = {LIVE}
    return pipeline


def unnamed(text: str) -> str:
    """Return a text without the digits of names: an attempt whose first answer is lost has other names."""
    return re.sub(r"-validation-[0-9a-f]{16}", "", text)


every_end = pytest.mark.parametrize("made", [good, not_started, broken, late, missing])


@every_end
def test_a_call_that_dies_after_any_of_its_calls_ends_the_same_and_leaves_nothing(
    made: Callable[[], GatedPipeline],
) -> None:
    wanted = made()
    verdict = wanted.run()
    for number in range(1, wanted.world.faults.calls + 1):
        pipeline = made()
        pipeline.world.faults.crash_at = number
        told = pipeline.run()
        # How far a late one has come is another matter of time.
        assert told.kind == verdict.kind, (number, told)
        if made is not late:
            assert told.summary == verdict.summary, number
        assert len(pipeline.endpoints.made) == len(wanted.endpoints.made), number
        assert_clean(pipeline)


@every_end
@pytest.mark.parametrize("name", CALLS)
def test_an_answer_of_aws_that_is_lost_changes_nothing(made: Callable[[], GatedPipeline], name: str) -> None:
    verdict = made().run()
    pipeline = made()
    pipeline.world.faults.after[name] = [Transient("time-out"), Transient("time-out")]
    told = pipeline.run()
    assert told.kind == verdict.kind, told
    if made is not late:
        assert unnamed(told.summary) == unnamed(verdict.summary)
    assert_clean(pipeline)


def test_an_event_that_comes_twice_at_once_makes_nothing_twice() -> None:
    wanted = good()
    wanted.call_once("job-1-0")
    for number in range(1, wanted.world.faults.calls + 1):
        pipeline = good()
        pipeline.world.faults.interrupt_at = number
        pipeline.world.interrupt = lambda pipeline=pipeline: pipeline.call_once("job-1-0")  # type: ignore[misc]
        assert pipeline.run().kind == "done", number
        assert pipeline.endpoints.made == [CANDIDATE, LIVE], number
        assert_clean(pipeline)


def test_rows_that_are_asked_twice_are_counted_once() -> None:
    pipeline = good()
    pipeline.world.faults.before["s3.write"] = []
    calls = iter(range(10_000))
    write = pipeline.objects.write

    def sometimes_lost(key: str, content: bytes) -> None:
        if next(calls) % 3 == 2:
            raise Transient("time-out")
        write(key, content)

    pipeline.objects.write = sometimes_lost  # type: ignore[method-assign]
    assert pipeline.run().kind == "done"
    assert len(pipeline.invoker.asked) > 2 * ROWS
    kept = [json.loads(value) for key, value in pipeline.objects.held.items() if key.endswith("answers.json")]
    assert [len(one["answers"]) for one in kept] == [ROWS, ROWS]
    assert_clean(pipeline)
