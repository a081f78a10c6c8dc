"""What must hold after each thing that happens, and at the end."""

from typing import Final

from tests.lambdas.fakes.chaos import ACTING, BESIDE, ENDS, Chaos
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.sagemaker import every_variant
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import ENDED, Suspended

_ROUNDING: Final = 0.001
_MOST_HELP: Final = 5


def check(chaos: Chaos) -> None:
    """Check I1, I2, I3 and I5 as things are now."""
    assert not chaos.broken_promises, chaos.broken_promises
    _last_good_is_there(chaos)
    _traffic_is_earned(chaos)
    _copies_come_first(chaos)
    _samples_come_first(chaos)
    _live_is_known(chaos)
    _ends_are_final(chaos)
    _one_acts(chaos)


def check_end(chaos: Chaos, *, beside_are_down: bool) -> None:
    """Check I3, I6 and I7: without further faults everything ends, and the report is the truth."""
    chaos.calm()
    if beside_are_down and not chaos.dead:
        _rolls_back_without_help(chaos)
    chaos.settle()
    _help(chaos)
    check(chaos)
    statuses = {run.rollout_id: run.status for run in chaos.ledger.runs.values()}
    # On an endpoint that no one can help, what is queued waits.
    ends = {*ENDS, "QUEUED"} if chaos.dead else set(ENDS)
    assert set(statuses.values()) <= ends, f"I6: {statuses}"
    assert not chaos.running, f"I6: {list(chaos.running)}"
    if not chaos.dead:
        _is_as_reported(chaos)


def _rolls_back_without_help(chaos: Chaos) -> None:
    acting = [run for run in chaos.ledger.runs.values() if run.body.get("phase") in ACTING]
    open_runs = [run.rollout_id for run in acting if run.status == "RUNNING"]
    for rollout_id in open_runs:
        chaos.roll_back_as_operator(rollout_id)
    chaos.world.faults.down = set(BESIDE)
    chaos.run(seconds=9_000)
    chaos.stack.describe()
    view = chaos.endpoint.view()
    assert not open_runs or chaos.endpoint.share() == 0, "I7: traffic stays while services beside are down"
    found = (view.config_name, view.variant(CANDIDATE))
    assert not open_runs or found == (chaos.stack.config, None), f"I7: {found} stays"
    chaos.world.faults.down = set()


def _help(chaos: Chaos) -> None:
    """Do what a person does who is asked for, also when what was queued then needs one too."""
    for _ in range(_MOST_HELP):
        waiting = [run.rollout_id for run in chaos.ledger.runs.values() if run.status == "NEEDS_HUMAN"]
        if not waiting or chaos.dead:
            return
        for rollout_id in waiting:
            chaos.roll_back_as_operator(rollout_id)
        chaos.settle()


def _last_good_is_there(chaos: Chaos) -> None:
    cloud = chaos.endpoint.cloud
    view = chaos.endpoint.view()
    for name in filter(None, (chaos.stack.config, view.config_name, view.pending_config)):
        assert name in cloud.configs, f"I1: configuration {name} is gone"
        models = {raw["ModelName"] for raw in every_variant(cloud.configs[name])}
        assert models <= set(cloud.models), f"I1: a model of {name} is gone"


def _traffic_is_earned(chaos: Chaos) -> None:
    share = chaos.endpoint.share()
    if chaos.meddled or share <= chaos.plan.steps[0].weight_percent / 100 + _ROUNDING:
        return
    served = chaos.endpoint.served_by(CANDIDATE)
    if not _is_fixed_forward(chaos, served):
        assert served not in chaos.bad - chaos.waived, f"I2: {served} is bad and has {share:.0%}"
    assert served in chaos.passed, f"I2: {served} has {share:.0%} without a PASS"


def _is_fixed_forward(chaos: Chaos, served: str) -> bool:
    """Tell whether a version is held against its tolerance alone, which few requests cannot tell it exceeds.

    It passes such a step with the requests that the plan asks for. Its promotion takes proof, as any other's.
    """
    runs = chaos.ledger.runs.values()
    return any(run.body.get("fix_forward") and run.body.get("package_arn") == served for run in runs)


def _copies_come_first(chaos: Chaos) -> None:
    """A copy is not an answer: with a shadow phase only what has passed it answers anybody."""
    if not chaos.shadow_from_the_start or chaos.meddled or chaos.endpoint.share() == 0:
        return
    served = chaos.endpoint.served_by(CANDIDATE)
    assert served in chaos.shadowed, f"I2: {served} answers and has not passed as a shadow"


def _samples_come_first(chaos: Chaos) -> None:
    """What answers anybody has answered the declared samples well."""
    if not chaos.samples_from_the_start or chaos.meddled or chaos.endpoint.share() == 0:
        return
    served = chaos.endpoint.served_by(CANDIDATE)
    assert served in chaos.sampled, f"{served} answers and has not answered the samples"


def _live_is_known(chaos: Chaos) -> None:
    """I2 without a candidate: live serves what was judged, or promoted before, or guarded by quiet alarms."""
    live = chaos.endpoint.served_by(LIVE)
    runs = chaos.ledger.runs.values()
    promoted = {run.body["package_arn"] for run in runs if run.status == "PROMOTED"}
    known = {package(1), *promoted, *chaos.passed, *chaos.endpoint.guarded}
    assert live in known, f"I2: live serves {live}, which nobody has found good"


def _ends_are_final(chaos: Chaos) -> None:
    for run in chaos.ledger.runs.values():
        before = chaos.ended.get(run.rollout_id, run.status)
        assert before == run.status, f"I3: {run.rollout_id} was {before} and is {run.status}"
        if run.status in ENDED:
            chaos.ended[run.rollout_id] = run.status


def _one_acts(chaos: Chaos) -> None:
    runs = chaos.ledger.runs.values()
    acting = [run for run in runs if run.status == "RUNNING" and run.body.get("phase") in ACTING]
    # A record that could not be written is not an act: what acts also runs.
    acting = [run for run in acting if (OUT, run.rollout_id) in chaos.running]
    assert len(acting) <= 1, f"I5: {[run.rollout_id for run in acting]}"


def _is_as_reported(chaos: Chaos) -> None:
    view, live = chaos.endpoint.view(), chaos.endpoint.served_by(LIVE)
    found = (view.status, view.config_name)
    assert found == ("InService", chaos.stack.config), f"I3: the endpoint is {found}"
    assert view.variant(CANDIDATE) is None, "I3: the candidate is still there"
    assert not view.shadows, "I3: a shadow is still there"
    named = {chaos.pointer.value, chaos.stack.package, live}
    assert len(named) == 1, f"I3: pointer, stack and endpoint name {named}"
    assert live not in chaos.bad - chaos.waived, f"I3: {live} is bad and live"
    assert chaos.scaling.state == Suspended(), f"I3: scaling is {chaos.scaling.state}"
    assert chaos.ledger.held is None, f"I3: {chaos.ledger.held} is held"
    runs = chaos.ledger.runs.values()
    promoted = [run.body["package_arn"] for run in runs if run.status == "PROMOTED"]
    assert live in {package(1), *promoted}, f"I3: {live} is live and was not promoted"
