"""What people do: in the registry, with plans, as operators, with the stack; and time that passes."""

from dataclasses import replace
from typing import Any, Final

from tests.lambdas.fakes.action_table import VERSIONS, OneOf, Whole, action
from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.plans import GATES, SAMPLES, SHADOW_PHASE
from tests.lambdas.fakes.users import AFTER, APPROVER, BEFORE
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import FunctionFailed
from tidegate_runtime.plan import ON_LIVE_REJECTED, ON_NEW_APPROVAL
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.plan_needs_human import ON_DEADLINE, NeedsHuman

HOOKS: Final = (("", ""), (BEFORE, ""), ("", AFTER), (BEFORE, AFTER))

GATED: Final = tuple((first, last) for first in (None, *GATES) for last in (None, *GATES))

ANSWERS: Final = (
    {"status": "APPROVED"},
    {"status": "REJECTED"},
    {"status": "WAIT", "wait_seconds": 60},
    {"status": "DONE"},
    {"status": "FAIL"},
    "nonsense",
    FunctionFailed("it raised"),
)


@action(37, version=OneOf(VERSIONS))
def approve(chaos: Chaos, version: int) -> None:
    chaos.approvals += 1
    chaos.registry.change(version, "Approved")
    chaos.approve(version, time=_time(chaos.approvals))


@action(32, version=OneOf(VERSIONS), number=Whole(1, 5))
def repeat_an_approval(chaos: Chaos, version: int, number: int) -> None:
    if number <= chaos.approvals:
        chaos.registry_event()(chaos.approval_event(version, "Approved", time=_time(number)))


@action(37, policy=OneOf(ON_NEW_APPROVAL))
def choose_the_policy(chaos: Chaos, policy: str) -> None:
    chaos.plan = replace(chaos.plan, on_new_approval=policy)


@action(shadow=OneOf((True, False)))
def deploy_another_plan(chaos: Chaos, shadow: bool) -> None:
    chaos.shadow_from_the_start = shadow and (chaos.shadow_from_the_start or not chaos.approvals)
    chaos.plan = replace(chaos.plan, shadow=SHADOW_PHASE if shadow else None)


@action(declared=OneOf((True, False)))
def deploy_samples(chaos: Chaos, declared: bool) -> None:
    # The machine of a rollout in flight is the one it was started with.
    chaos.samples_from_the_start = declared and (chaos.samples_from_the_start or not chaos.approvals)
    chaos.samples = SAMPLES if declared else ()


@action(37, version=OneOf(VERSIONS))
def reject_in_the_registry(chaos: Chaos, version: int) -> None:
    chaos.approvals += 1
    chaos.reject(version, time=_time(chaos.approvals))


@action(37, policy=OneOf(ON_LIVE_REJECTED), twice=OneOf((False, True)))
def reject_what_is_live(chaos: Chaos, policy: str, twice: bool) -> None:
    chaos.plan = replace(chaos.plan, on_live_rejected=policy)
    live = int(str(chaos.pointer.value).rpartition("/")[2])
    chaos.approvals += 1
    for _ in range(1 + twice):
        chaos.reject(live, time=_time(chaos.approvals))


@action(gates=OneOf(GATED))
def put_gates_behind_the_steps(chaos: Chaos, gates: tuple[StepGate | None, StepGate | None]) -> None:
    steps = [replace(step, gate=gate) for step, gate in zip(chaos.plan.steps, gates, strict=True)]
    chaos.plan = replace(chaos.plan, steps=tuple(steps))


@action(first=OneOf(HOOKS), last=OneOf(HOOKS))
def put_hooks_around_the_steps(chaos: Chaos, first: tuple[str, str], last: tuple[str, str]) -> None:
    steps = [
        replace(step, before=before, after=after)
        for step, (before, after) in zip(chaos.plan.steps, (first, last), strict=True)
    ]
    chaos.plan = replace(chaos.plan, steps=tuple(steps))


@action(function=OneOf((APPROVER, BEFORE, AFTER)), answer=OneOf(ANSWERS))
def let_a_function_answer(chaos: Chaos, function: str, answer: Any) -> None:
    chaos.functions.answers[function] = [answer]


@action(seconds=Whole(60, 7_200))
def hold(chaos: Chaos, seconds: int) -> None:
    chaos.operate("hold", seconds=seconds)


@action()
def resume(chaos: Chaos) -> None:
    chaos.operate("resume")


@action(every=OneOf((False, True)))
def promote_as_operator(chaos: Chaos, every: bool) -> None:
    chaos.promote_as_operator(every=every)


@action()
def abort_as_operator(chaos: Chaos) -> None:
    for run in list(chaos.ledger.runs.values()):
        if run.status in ("RUNNING", "NEEDS_HUMAN"):
            chaos.roll_back_as_operator(run.rollout_id)


@action(hours=OneOf((1, 2, 24)), end=OneOf(ON_DEADLINE))
def set_a_deadline(chaos: Chaos, hours: int, end: str) -> None:
    policy = NeedsHuman(remind_hours=1, deadline_hours=hours, on_deadline=end)
    chaos.plan = replace(chaos.plan, needs_human=policy)
    waiting = replace(chaos.watchdog.waiting, policy=policy)
    chaos.watchdog = replace(chaos.watchdog, waiting=waiting)


@action(version=OneOf(VERSIONS), fix_forward=OneOf((True, False)))
def declare_a_fix_forward(chaos: Chaos, version: int, fix_forward: bool) -> None:
    known = chaos.registry.package_now(package(version))
    chaos.registry.packages[known.arn] = replace(known, fix_forward=fix_forward)


@action(version=OneOf(VERSIONS), approval=OneOf(("Rejected", "Approved")))
def change_the_approval(chaos: Chaos, version: int, approval: str) -> None:
    chaos.registry.change(version, approval)


# An answer counts for two looks at most where it may be handed on: fewer than three would be no progress.
@action(32, looks=Whole(3, 8))
def shorten_the_executions(chaos: Chaos, looks: int) -> None:
    chaos.plan = replace(chaos.plan, looks_per_execution=looks)


@action(41)
def deploy(chaos: Chaos) -> None:
    chaos.stack.deploy(template_changes=True)


@action(seconds=Whole(1, 900))
def wait(chaos: Chaos, seconds: int) -> None:
    chaos.pass_time(seconds)


def _time(number: int) -> str:
    return f"2026-11-21T05:01:{number:02d}Z"
