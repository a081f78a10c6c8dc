"""What the endpoint, the versions, the traffic, the alarms and the watchdog do by themselves."""

from dataclasses import replace

from tests.lambdas.fakes.action_table import VERSIONS, OneOf, Whole, action
from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.world import World, package
from tidegate_runtime.plan import ON_BOTH_BAD
from tidegate_runtime.ports import CANDIDATE, LIVE


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


@action(35)
def wake_the_watchdog(chaos: Chaos) -> None:
    chaos.tick()


@action()
def collect_leftovers(chaos: Chaos) -> None:
    """Let the watchdog's daily hour be now."""
    replace(chaos.watchdog.collecting, clock=World(time=0.0)).collect()


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


@action(41, fails=Whole(1, 2))
def let_the_stack_fail(chaos: Chaos, fails: int) -> None:
    chaos.stack.fails = fails


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


@action(version=OneOf(VERSIONS))
def answer_samples_wrongly(chaos: Chaos, version: int) -> None:
    chaos.invoker.wrong.add(package(version))


@action(30, seconds=Whole(1, 3_600))
def warm_up_slowly(chaos: Chaos, seconds: int) -> None:
    chaos.invoker.warm_at = chaos.world.time + seconds


@action(policy=OneOf(ON_BOTH_BAD), version_1_is_bad=OneOf((True, False)))
def let_live_be_bad(chaos: Chaos, policy: str, version_1_is_bad: bool) -> None:
    chaos.plan = replace(chaos.plan, on_both_bad=policy)
    chaos.metrics.rates[package(1)] = 0.05 if version_1_is_bad else 0.0


@action(version=OneOf(VERSIONS), rewards=OneOf((0.0, 0.05, 0.09, 0.11, 0.2)))
def reward_a_version(chaos: Chaos, version: int, rewards: float) -> None:
    chaos.metrics.rewards[package(version)] = rewards


@action(26, 28, requests_per_second=OneOf((0.0, 0.5, 10.0, 100.0)))
def change_the_traffic(chaos: Chaos, requests_per_second: float) -> None:
    chaos.metrics.requests_per_second = requests_per_second


@action(27, 29, incomplete=OneOf((True, False)))
def answer_with_partial_data(chaos: Chaos, incomplete: bool) -> None:
    chaos.metrics.incomplete = incomplete


@action(25, seconds=OneOf((0, 30, 180, 300)))
def delay_the_metrics(chaos: Chaos, seconds: int) -> None:
    chaos.metrics.delay_seconds = seconds


@action(22, variant=OneOf((CANDIDATE, LIVE, "")))
def lose_the_alarms(chaos: Chaos, variant: str) -> None:
    chaos.alarms.lost = {variant} - {""}


@action(23, variant=OneOf((CANDIDATE, LIVE, "")))
def let_an_alarm_burn(chaos: Chaos, variant: str) -> None:
    chaos.alarms.lit = {variant} - {""}
