"""Random faults at random moments: the promises hold at every step, and every rollout ends.

`python -m benchmarks.schedules` runs the same actions a hundred thousand times.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.lambdas.fakes.action_table import ACTIONS, Domain, Whole
from tests.lambdas.fakes.actions import VERSIONS, happen
from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.plans import FEATURES
from tests.lambdas.fakes.promises import check, check_end
from tests.lambdas.fakes.schedules import Schedule, Step, broken_promise, drawn, shrunk

SCHEDULES = 60


class Rollouts(RuleBasedStateMachine):
    """One endpoint, several approvals, and whatever goes wrong: one rule for each action of the table."""

    chaos: Chaos | None = None

    @initialize(
        bad=st.sets(st.sampled_from(VERSIONS)),
        broken=st.sets(st.sampled_from(VERSIONS), max_size=1),
        features=st.sets(st.sampled_from(sorted(FEATURES))),
        beside_are_down=st.booleans(),
    )
    def start(self, *, bad: set[int], broken: set[int], features: set[str], beside_are_down: bool) -> None:
        self.chaos = Chaos().begin(bad=bad, broken=broken, features=sorted(features))
        self.beside_are_down = beside_are_down

    @invariant()
    def promises_hold(self) -> None:
        if self.chaos is not None:
            check(self.chaos)

    def teardown(self) -> None:
        if self.chaos is not None:
            check_end(self.chaos, beside_are_down=self.beside_are_down)


def _strategy(domain: Domain) -> st.SearchStrategy[Any]:
    if isinstance(domain, Whole):
        return st.integers(domain.low, domain.high)
    return st.sampled_from(domain.values)


def _rule(name: str) -> Any:
    def run(self: Rollouts, **arguments: Any) -> None:
        assert self.chaos is not None
        happen(self.chaos, name, arguments)

    run.__name__ = name
    strategies: dict[str, Any] = {key: _strategy(domain) for key, domain in ACTIONS[name].domains.items()}
    made: Any = rule(**strategies)
    return made(run)


for _name in ACTIONS:
    setattr(Rollouts, _name, _rule(_name))

TestRollouts = Rollouts.TestCase
TestRollouts.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_drawn_schedules_break_no_promise() -> None:
    broken = {seed: broken_promise(drawn(f"ci/{seed}")) for seed in range(SCHEDULES)}
    assert {seed: promise for seed, promise in broken.items() if promise} == {}


def test_a_planted_fault_is_found_and_its_schedule_made_small(monkeypatch: Any) -> None:
    """The schedules can fail: a shift that asks for no evidence gives a bad version traffic."""
    monkeypatch.setattr("judge.logic.assess", _always_passes)
    found = next(seed for seed in range(200) if broken_promise(drawn(f"planted/{seed}")))
    small = shrunk(drawn(f"planted/{found}"))
    assert "I2" in broken_promise(small) or "I3" in broken_promise(small)
    assert [name for name, _ in small.steps if name == "approve"] == ["approve"]
    assert len(small.steps) <= 6


def test_a_fault_of_what_looks_at_the_functions_is_no_failure_of_theirs(monkeypatch: Any) -> None:
    """The machines would try again, and nothing would tell that nobody had looked."""

    def fails(*_: Any, **__: Any) -> None:
        raise KeyError("planted")

    monkeypatch.setattr(Chaos, "_looked_at", fails)
    steps: tuple[Step, ...] = (("approve", {"version": 2}), ("wait", {"seconds": 60}))
    assert "planted" in broken_promise(Schedule(steps=steps))


def _always_passes(*_: Any, **__: Any) -> Any:
    from tidegate_runtime.judge.judgement import Judgement, Verdict

    return Judgement(verdict=Verdict.PASS, reason="planted", signals=())
