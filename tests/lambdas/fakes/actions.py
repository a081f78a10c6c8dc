"""Everything that may happen to a rollout, as a table: the faults it stands for, what it is drawn from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tests.lambdas.fakes.action_table import ACTIONS, OneOf, Whole, action
from tests.lambdas.fakes.alternation import Alternation
from tests.lambdas.fakes.chaos import BESIDE, Chaos
from tests.lambdas.fakes.cloud import ROLLBACK_CALLS
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.plans import GATES, SAMPLES, SHADOW_PHASE
from tests.lambdas.fakes.users import AFTER, APPROVER, BEFORE
from tests.lambdas.fakes.world import Crash, World, package
from tidegate_runtime.errors import (
    Denied,
    EndpointBusy,
    Fault,
    FunctionFailed,
    QuotaExceeded,
    Rejected,
    Transient,
)
from tidegate_runtime.plan import ON_BOTH_BAD, ON_LIVE_REJECTED, ON_NEW_APPROVAL
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.plan_needs_human import ON_DEADLINE, NeedsHuman
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution

CALLS: Final = (
    "sagemaker.describe",
    "sagemaker.update",
    "sagemaker.set_weights",
    "sagemaker.set_instances",
    "sagemaker.create_model",
    "sagemaker.create_config",
    "cloudformation.update",
    "cloudformation.describe",
    "ssm.write",
    "ssm.read",
    "dynamodb.save",
    "dynamodb.run",
    "dynamodb.log",
    "dynamodb.acquire",
    "dynamodb.release",
    "cloudwatch.sums",
    "runtime.invoke",
    "scaling.suspend",
    "scaling.suspended",
    "events.publish",
    "states.start",
    "states.stop",
    "tasks.answer",
    "functions.ask",
)
CHANGES: Final = (
    "sagemaker.update",
    "sagemaker.set_weights",
    "sagemaker.create_model",
    "sagemaker.create_config",
    "cloudformation.update",
    "ssm.write",
    "dynamodb.save",
    "scaling.suspend",
    "events.publish",
)
GATED: Final = tuple((first, last) for first in (None, *GATES) for last in (None, *GATES))
HOOKS: Final = (("", ""), (BEFORE, ""), ("", AFTER), (BEFORE, AFTER))
ANSWERS: Final = (
    {"status": "APPROVED"},
    {"status": "REJECTED"},
    {"status": "WAIT", "wait_seconds": 60},
    {"status": "DONE"},
    {"status": "FAIL"},
    "nonsense",
    FunctionFailed("it raised"),
)
FUNCTIONS: Final = ("check", "prepare", "shift", "judge", "promote", "roll_back", "end")
VERSIONS: Final = (2, 3, 4)


MEANWHILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "approve": {"version": 3},
    "reject_in_the_registry": {"version": 2},
    "alarm": {"twice": False},
    "abort_as_operator": {},
    "wake_the_watchdog": {},
    "replay_a_function": {"index": 0},
    "deploy": {},
}
"""What may happen between two calls of a function, besides the executions that are due."""


def happen(chaos: Chaos, name: str, arguments: Mapping[str, Any]) -> None:
    """Let it happen, as EventBridge or a user lets it: what fails is tried again by them, or not."""
    try:
        ACTIONS[name].do(chaos, **arguments)
    except (Fault, Crash):
        return
    finally:
        chaos.world.finish()


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


@action(version=OneOf(VERSIONS))
def answer_samples_wrongly(chaos: Chaos, version: int) -> None:
    chaos.invoker.wrong.add(package(version))


@action(30, seconds=Whole(1, 3_600))
def warm_up_slowly(chaos: Chaos, seconds: int) -> None:
    chaos.invoker.warm_at = chaos.world.time + seconds


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


@action(seconds=Whole(1, 900))
def wait(chaos: Chaos, seconds: int) -> None:
    chaos.pass_time(seconds)


@action(1, 2, 3, 6, 27, 40, call=OneOf(CALLS), applied=OneOf((False, True)), times=Whole(1, 3))
def throttle_or_lose_an_answer(chaos: Chaos, call: str, applied: bool, times: int) -> None:
    faults = chaos.world.faults
    (faults.after if applied else faults.before)[call] = [Transient(call) for _ in range(times)]


@action(16, 18, 40, call=OneOf(CHANGES), error=OneOf((Denied, QuotaExceeded, Rejected)), times=Whole(1, 3))
def refuse(chaos: Chaos, call: str, error: type[Fault], times: int) -> None:
    chaos.world.faults.before[call] = [error(call) for _ in range(times)]


@action(4, call=OneOf(("sagemaker.update", "sagemaker.set_weights")))
def refuse_our_own_repetition(chaos: Chaos, call: str) -> None:
    chaos.world.faults.after[call] = [EndpointBusy("Cannot update in-progress endpoint")]


@action(31, 33, calls=Whole(1, 40))
def crash_soon(chaos: Chaos, calls: int) -> None:
    chaos.world.faults.crash_at = chaos.world.faults.calls + calls


@action(33, 34, function=OneOf(FUNCTIONS), dies=OneOf((False, True)), times=Whole(1, 10))
def keep_a_function_from_running(chaos: Chaos, function: str, dies: bool, times: int) -> None:
    errors: list[Any] = [Crash(function) if dies else Transient("TooManyRequests") for _ in range(times)]
    chaos.world.faults.before[f"lambda.{function}"] = errors


@action(31, 32, calls=Whole(1, 40), seconds=Whole(0, 50), other=OneOf(tuple(MEANWHILE)), again=Whole(0, 3))
def run_others_between_two_calls(chaos: Chaos, calls: int, seconds: int, other: str, again: int = 0) -> None:
    """Let another function run in the middle of one, and executions that are due meanwhile.

    What runs then may be interrupted itself: `again` counts further interruptions, some calls later.
    """
    faults, left = chaos.world.faults, again

    def interrupt() -> None:
        nonlocal left
        if left:
            left -= 1
            faults.interrupt_at = faults.calls + 1 + calls % 5
        if other:
            happen(chaos, other, MEANWHILE[other])
        # All together no longer than a function may last.
        chaos.run_others(seconds // (again + 1))

    chaos.world.interrupt = interrupt
    faults.interrupt_at = faults.calls + calls


@action(
    31, 32, calls=Whole(1, 40), seconds=Whole(0, 50), other=OneOf(tuple(MEANWHILE)), turns=Whole(0, 2**24)
)
def alternate_with_another_function(chaos: Chaos, calls: int, seconds: int, other: str, turns: int) -> None:
    """Let another function run beside one, call by call as `turns` says, and executions that are due."""
    faults, world = chaos.world.faults, chaos.world

    def beside() -> None:
        if other:
            happen(chaos, other, MEANWHILE[other])
        chaos.run_others(seconds)

    def interrupt() -> None:
        alternation = Alternation(beside, turns=turns, nested=chaos.nested())
        world.turn, world.finish = alternation.turn, alternation.finish
        alternation.begin()

    world.interrupt = interrupt
    faults.interrupt_at = faults.calls + calls


@action(35, times=Whole(1, 12))
def keep_the_machine_from_starting_a_rollback(chaos: Chaos, times: int) -> None:
    chaos.world.faults.before["machine.start"] = [Transient("StartExecution") for _ in range(times)]


@action(32)
def run_the_next_function_twice(chaos: Chaos) -> None:
    chaos.runs_twice = True


@action(31, 32, index=Whole(0, 5))
def replay_a_function(chaos: Chaos, index: int) -> None:
    chaos.replay(index)


@action(35)
def redrive(chaos: Chaos) -> None:
    chaos.redrive()


@action(8, 32, twice=OneOf((False, True)))
def alarm(chaos: Chaos, twice: bool) -> None:
    chaos.alarm()
    if twice:
        chaos.alarm()


@action(21, value=OneOf(("INSUFFICIENT_DATA", "OK")))
def alarm_without_news(chaos: Chaos, value: str) -> None:
    detail = {"alarmName": "digits-candidate-5xx", "state": {"value": value}}
    before = len(chaos.executions.inputs)
    chaos.watchdog({"detail-type": "CloudWatch Alarm State Change", "detail": detail})
    assert len(chaos.executions.inputs) == before, f"{value} started something"


@action()
def abort_as_operator(chaos: Chaos) -> None:
    for run in list(chaos.ledger.runs.values()):
        if run.status in ("RUNNING", "NEEDS_HUMAN"):
            chaos.roll_back_as_operator(run.rollout_id)


@action(35, events_are_lost=OneOf((False, True)), status=OneOf(("ABORTED", "TIMED_OUT")))
def break_the_execution(chaos: Chaos, events_are_lost: bool, status: str) -> None:
    chaos.events_are_lost = events_are_lost
    for key, view in chaos.executions.views.items():
        if key[0] == OUT and view.status == "RUNNING":
            chaos.executions.views[key] = Execution(status=status)


@action(4, 5, 38, count=Whole(2, 6))
def scale(chaos: Chaos, count: int) -> None:
    chaos.endpoint.change_count(LIVE, count)


@action(5, weight=OneOf((0.0, 50.0)))
def meddle_with_the_weights(chaos: Chaos, weight: float) -> None:
    chaos.endpoint.change_weights({LIVE: 100 - weight, CANDIDATE: weight})
    chaos.meddled = True


@action(5)
def meddle_with_the_configuration(chaos: Chaos) -> None:
    chaos.endpoint.change_config(chaos.stack.config, retain_counts=True)
    chaos.meddled = True


@action(41)
def deploy(chaos: Chaos) -> None:
    chaos.stack.deploy(template_changes=True)


@action(41, fails=Whole(1, 2))
def let_the_stack_fail(chaos: Chaos, fails: int) -> None:
    chaos.stack.fails = fails


@action(35)
def wake_the_watchdog(chaos: Chaos) -> None:
    chaos.tick()


@action()
def collect_leftovers(chaos: Chaos) -> None:
    """Let the watchdog's daily hour be now."""
    replace(chaos.watchdog.collecting, clock=World(time=0.0)).collect()


@action(29, 40, service=OneOf((*BESIDE, "sagemaker", "cloudformation", "ssm")), seconds=Whole(1, 3_600))
def take_a_service_down(chaos: Chaos, service: str, seconds: int) -> None:
    chaos.world.faults.outages[service] = chaos.world.time + seconds


@action(2, 8, seconds=Whole(1, 45))
def answer_with_the_past(chaos: Chaos, seconds: int) -> None:
    chaos.endpoint.lag_seconds = seconds


@action(2, seconds=Whole(1, 55))
def let_a_weight_change_land_late(chaos: Chaos, seconds: int) -> None:
    chaos.endpoint.late_by = seconds


@action(10, 11, seconds=Whole(60, 1_800))
def maintain(chaos: Chaos, seconds: int) -> None:
    chaos.endpoint.maintain(seconds)


@action(8, 9, 12, 16, 17, 20, version=OneOf(VERSIONS))
def break_a_version(chaos: Chaos, version: int) -> None:
    # What has been live may have to be gone back to: nobody can, when it does not start any more.
    been_live = {shares[LIVE][1] for _, shares in chaos.endpoint.shares if LIVE in shares}
    if package(version) not in {*been_live, chaos.pointer.value}:
        chaos.endpoint.broken.add(package(version))


@action(13, fails=Whole(1, 2))
def let_rollbacks_of_sagemaker_fail(chaos: Chaos, fails: int) -> None:
    chaos.endpoint.rollbacks_fail = fails


@action(14, status=OneOf(("Failed", "OutOfService")))
def lose_the_endpoint(chaos: Chaos, status: str) -> None:
    chaos.endpoint.fail(status)


@action(17, lost=OneOf((True, False)))
def lose_the_artifacts(chaos: Chaos, lost: bool) -> None:
    chaos.registry.lost_artifacts = lost


@action(version=OneOf(VERSIONS), fix_forward=OneOf((True, False)))
def declare_a_fix_forward(chaos: Chaos, version: int, fix_forward: bool) -> None:
    known = chaos.registry.package_now(package(version))
    chaos.registry.packages[known.arn] = replace(known, fix_forward=fix_forward)


@action(policy=OneOf(ON_BOTH_BAD), version_1_is_bad=OneOf((True, False)))
def let_live_be_bad(chaos: Chaos, policy: str, version_1_is_bad: bool) -> None:
    chaos.plan = replace(chaos.plan, on_both_bad=policy)
    chaos.metrics.rates[package(1)] = 0.05 if version_1_is_bad else 0.0


@action(hours=OneOf((1, 2, 24)), end=OneOf(ON_DEADLINE))
def set_a_deadline(chaos: Chaos, hours: int, end: str) -> None:
    policy = NeedsHuman(remind_hours=1, deadline_hours=hours, on_deadline=end)
    chaos.plan = replace(chaos.plan, needs_human=policy)
    waiting = replace(chaos.watchdog.waiting, policy=policy)
    chaos.watchdog = replace(chaos.watchdog, waiting=waiting)


@action(version=OneOf(VERSIONS), rewards=OneOf((0.0, 0.05, 0.09, 0.11, 0.2)))
def reward_a_version(chaos: Chaos, version: int, rewards: float) -> None:
    chaos.metrics.rewards[package(version)] = rewards


@action(version=OneOf(VERSIONS), approval=OneOf(("Rejected", "Approved")))
def change_the_approval(chaos: Chaos, version: int, approval: str) -> None:
    chaos.registry.change(version, approval)


@action(26, 28, requests_per_second=OneOf((0.0, 0.5, 10.0, 100.0)))
def change_the_traffic(chaos: Chaos, requests_per_second: float) -> None:
    chaos.metrics.requests_per_second = requests_per_second


@action(27, 29, incomplete=OneOf((True, False)))
def answer_with_partial_data(chaos: Chaos, incomplete: bool) -> None:
    chaos.metrics.incomplete = incomplete


@action(25, seconds=OneOf((0, 30, 180, 300)))
def delay_the_metrics(chaos: Chaos, seconds: int) -> None:
    chaos.metrics.delay_seconds = seconds


@action(19, call=OneOf((*ROLLBACK_CALLS.values(), "")))
def deny_a_rollback_one_of_its_calls(chaos: Chaos, call: str) -> None:
    chaos.world.faults.denied_to_roll_back = {call} - {""}


@action(22, variant=OneOf((CANDIDATE, LIVE, "")))
def lose_the_alarms(chaos: Chaos, variant: str) -> None:
    chaos.alarms.lost = {variant} - {""}


@action(23, variant=OneOf((CANDIDATE, LIVE, "")))
def let_an_alarm_burn(chaos: Chaos, variant: str) -> None:
    chaos.alarms.lit = {variant} - {""}


@action(32, looks=Whole(1, 4))
def shorten_the_executions(chaos: Chaos, looks: int) -> None:
    chaos.plan = replace(chaos.plan, looks_per_execution=looks)


def _time(number: int) -> str:
    return f"2026-11-21T05:01:{number:02d}Z"
