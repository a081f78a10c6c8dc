"""Requests after a deployment: what came is told beside what was expected."""

from collections.abc import Sequence
from typing import Any

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from deliver.smoke import BUDGET_SECONDS, PATIENCE_SECONDS, Smoke
from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.errors import Rejected, Transient
from tidegate_runtime.expectations import Answer, Expectation, Wanted
from tidegate_runtime.sample_ports import ANY_VARIANT
from tidegate_runtime.samples import Sample
from tidegate_runtime.smoke import SmokeTest

SEVEN = Expectation(values=(Wanted(value=[7]),))
SAMPLES = tuple(Sample(name=name, body=b"[1]", expect=SEVEN) for name in ("usual", "odd", "empty"))


class Model(Port):
    """An endpoint that says 7, or what it is told to say."""

    name = "runtime"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.says: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.seconds = 0.02

    @call
    def invoke(self, variant: str, sample: Sample) -> Answer:
        self.asked.append((variant, sample.name))
        self.world.time += self.seconds
        said = self.says.get(sample.name, b"[7]")
        return Answer(status=200, content_type="application/json", body=said, seconds=self.seconds)


def run(world: World, model: Model, *, samples: Sequence[Sample] = SAMPLES, most: int = 500) -> Outcome:
    """Call the job as CodePipeline does, until it ends."""
    token: Any = {}
    for _ in range(most):
        test = SmokeTest(samples=samples, invoker=model, clock=world)
        outcome = Smoke(test=test, clock=world)(Request(job_id="j", do="smoke", token=token))
        if not isinstance(outcome, Wait):
            return outcome
        token, world.time = outcome.token, world.time + 30
    raise AssertionError("it does not end")


def world() -> tuple[World, Model]:
    made = World()
    return made, Model(made)


def test_an_endpoint_that_answers_as_declared_passes_and_tells_the_slowest_answer() -> None:
    outcome = run(*world())
    assert outcome == Done(summary="3 of 3 requests are answered as declared; the slowest took 20 ms")


def test_requests_go_where_the_weights_send_them_as_any_callers_do() -> None:
    made, model = world()
    run(made, model)
    assert model.asked == [(ANY_VARIANT, sample.name) for sample in SAMPLES]


def test_a_wrong_answer_fails_with_the_request_what_was_expected_and_what_came() -> None:
    made, model = world()
    model.says = {"odd": b"[8]"}
    assert run(made, model) == Failed(
        message="request 'odd': $[0] must be 7, is 8 (expected: status 200, a value)"
    )
    assert len(model.asked) == 2


def test_a_slow_answer_is_a_warning_that_is_counted() -> None:
    made, model = world()
    slow = Sample(name="slow", body=b"[1]", expect=Expectation(latency_ms=10))
    outcome = run(made, model, samples=[*SAMPLES, slow])
    assert isinstance(outcome, Done)
    assert "4 of 4 requests are answered as declared, 1 of them with a warning" in outcome.summary


def test_a_model_that_is_still_loading_is_waited_for_in_bounds() -> None:
    made, model = world()
    made.faults.before["runtime.invoke"] = [Transient("ModelNotReadyException")] * 20
    assert isinstance(run(made, model), Done)
    made.faults.before["runtime.invoke"] = [Transient("ModelNotReadyException")] * 200
    began = made.time
    outcome = run(made, model)
    assert isinstance(outcome, Failed)
    assert "0 of 3 requests are answered as declared; request 'usual': ModelNotReady" in outcome.message
    assert made.time - began <= PATIENCE_SECONDS + 60


def test_an_endpoint_that_does_not_exist_fails_at_once() -> None:
    made, model = world()
    made.faults.before["runtime.invoke"] = [Rejected("Endpoint digits-staging of account 0 not found.")]
    outcome = run(made, model)
    assert isinstance(outcome, Failed)
    assert "request 'usual' could not be sent: Endpoint digits-staging" in outcome.message


def test_slow_requests_are_asked_over_several_calls_each_once() -> None:
    made, model = world()
    model.seconds = BUDGET_SECONDS + 2
    assert isinstance(run(made, model), Done)
    assert [name for _, name in model.asked] == [sample.name for sample in SAMPLES]
