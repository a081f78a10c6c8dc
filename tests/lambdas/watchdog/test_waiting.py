"""A rollout that waits for a human: reminders, the deadline, and the end of it by other means."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.parts import BACK
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.errors import Denied
from tidegate_runtime.plan_needs_human import NeedsHuman
from tidegate_runtime.ports import Execution

HOUR = 3_600


def under(service: Service, policy: NeedsHuman) -> Service:
    """Give the watchdog this policy."""
    waiting = replace(service.watchdog.waiting, policy=policy)
    service.announcer = replace(service.announcer, needs_human=policy)
    waiting = replace(waiting, announcer=service.announcer)
    service.watchdog = replace(service.watchdog, waiting=waiting, announcer=service.announcer)
    return service


def waiting(policy: NeedsHuman | None = None) -> Service:
    """Return a service whose rollout waits at its first step, without traffic to judge it by."""
    service = under(Service().deployed(), policy or NeedsHuman())
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    assert outcome(service) == "NEEDS_HUMAN"
    return service


def waiting_under_watch() -> Service:
    """Return a service whose new version is live, and could not be judged."""
    service = under(Service().deployed(), NeedsHuman())
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.approve(2)
    service.run(until=lambda: service.stack.package == package(2))
    service.metrics.requests_per_second = 0
    service.run()
    assert outcome(service) == "NEEDS_HUMAN"
    return service


def live_through(service: Service, seconds: int, *, step: int = 600) -> list[str]:
    """Let hours pass with the watchdog's schedule; return the subjects of what was told."""
    before, end = len(service.topic.sent), service.world.time + seconds
    while service.world.time < end:
        service.run(seconds=step)
        service.world.time = min(end, service.world.time + step)
        service.stack.describe()
        service.tick()
    return [notice.subject for notice in service.topic.sent[before:]]


def test_people_are_reminded_every_few_hours_until_the_deadline() -> None:
    service = waiting(NeedsHuman(remind_hours=2, deadline_hours=7))
    assert live_through(service, 6 * HOUR + 1_200) == [
        f"digits-rehearsal: version 2 still NEEDS_HUMAN after {hours} h" for hours in (2, 4, 6)
    ]
    assert outcome(service) == "NEEDS_HUMAN"


def test_a_reminder_says_what_happened_what_to_do_what_it_costs_and_how_long_it_waits() -> None:
    service = waiting(NeedsHuman(remind_hours=4, deadline_hours=24))
    first = service.topic.sent[-1].text
    assert "Time left: 24 h; then it is rolled back by itself." in first
    assert "0 instance-hours so far." in first
    live_through(service, 4 * HOUR + 600)
    text = service.topic.sent[-1].text
    assert text.startswith(
        "For 4 h now: The rollout of version 2 on digits-rehearsal waits for you at step 1"
    )
    assert "Why: the candidate served no request" in text
    assert (
        "What to do: to roll it back, run `tidegate abort --service digits --environment rehearsal`" in text
    )
    assert "each hour of waiting 2 instance-hours of ml.m5.large for the candidate" in text
    assert "8 instance-hours so far." in text
    assert "Time left: 20 h; then it is rolled back by itself." in text


def test_nobody_else_is_told_again_what_has_ended_once() -> None:
    service = waiting()
    live_through(service, 9 * HOUR)
    assert [ended for ended, _ in service.meter.ends] == ["NEEDS_HUMAN"]
    assert [event["outcome"] for event in service.events.published] == ["NEEDS_HUMAN"]


def test_at_the_deadline_it_is_rolled_back_and_that_is_told() -> None:
    service = waiting(NeedsHuman(remind_hours=4, deadline_hours=6))
    subjects = live_through(service, 8 * HOUR)
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert subjects == [
        "digits-rehearsal: version 2 still NEEDS_HUMAN after 4 h",
        "digits-rehearsal: version 2 ROLLED_BACK",
    ]
    assert service.executions.inputs[BACK, f"rb-{V2}"]["source"] == "deadline"
    assert "because nobody decided in time" in service.topic.sent[-1].text
    assert "nobody decided within 6 h" in service.topic.sent[-1].text


def test_a_version_that_waits_under_watch_goes_back_through_the_stack_at_the_deadline() -> None:
    service = waiting_under_watch()
    live_through(service, 25 * HOUR)
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_version_under_watch_costs_nothing_more() -> None:
    text = waiting_under_watch().topic.sent[-1].text
    assert "What it costs: nothing more than before" in text


def test_where_the_plan_keeps_it_the_reminders_go_on() -> None:
    service = waiting(NeedsHuman(remind_hours=12, deadline_hours=24, on_deadline="keep"))
    assert "Time left: no end" in service.topic.sent[-1].text
    assert len(live_through(service, 49 * HOUR)) == 4
    assert outcome(service) == "NEEDS_HUMAN"
    assert service.endpoint.share() > 0


def test_an_abort_ends_the_reminders() -> None:
    service = waiting()
    service.abort(V2)
    assert live_through(service, 30 * HOUR) == ["digits-rehearsal: version 2 ROLLED_BACK"]


def test_nobody_is_reminded_while_a_rollback_is_under_way() -> None:
    service = waiting(NeedsHuman(remind_hours=1))
    service.world.time += 2 * HOUR
    service.abort(V2)
    service.run(until=lambda: "ROLLBACK_REQUESTED" in service.ledger.kinds(V2))
    before = len(service.topic.sent)
    service.tick()
    assert len(service.topic.sent) == before


def test_a_deploy_settles_it() -> None:
    service = waiting()
    service.stack.deploy(template_changes=True)
    assert live_through(service, 30 * HOUR) == []
    assert service.ledger.runs[V2].body["resolved_at"]
    assert service.ledger.kinds(V2).count("RESOLVED") == 1
    assert (BACK, f"rb-{V2}") not in service.executions.inputs


def test_a_deploy_of_what_waits_under_watch_keeps_it() -> None:
    service = waiting_under_watch()
    assert live_through(service, HOUR) == []
    assert "resolved_at" not in service.ledger.runs[V2].body
    service.stack.deploy(template_changes=True)
    live_through(service, 30 * HOUR)
    assert service.ledger.runs[V2].body["resolved_at"]
    assert service.stack.package == package(2)


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_an_endpoint_at_rest_is_no_end_while_its_stack_is_stuck(status: str) -> None:
    service = waiting()
    service.stack.deploy(template_changes=True)
    service.world.time += HOUR
    service.stack.describe()
    service.stack.status = status
    assert service.watchdog.waiting.look() in ({}, {V2: "reminded"})
    assert "resolved_at" not in service.ledger.runs[V2].body


def test_a_rollback_that_is_stuck_again_is_tried_with_each_reminder() -> None:
    service = waiting(NeedsHuman(remind_hours=1, deadline_hours=2))
    service.endpoint.fail("Failed")
    live_through(service, 5 * HOUR)
    started = [name for machine, name in service.executions.inputs if machine == BACK]
    assert 2 <= len(started) <= 4
    assert outcome(service) == "NEEDS_HUMAN"
    assert "Time left: none" in service.topic.sent[-1].text


def test_a_ledger_that_takes_nothing_brings_no_storm() -> None:
    service = waiting(NeedsHuman(remind_hours=1))
    service.world.time += 2 * HOUR
    service.world.faults.before["dynamodb.save"] = [Denied("no") for _ in range(50)]
    before = len(service.topic.sent)
    for _ in range(20):
        service.tick()
    assert len(service.topic.sent) == before


def test_a_topic_that_is_down_costs_a_reminder_and_no_deadline() -> None:
    service = waiting(NeedsHuman(remind_hours=1, deadline_hours=3))
    service.world.faults.down = {"sns"}
    live_through(service, 5 * HOUR)
    assert outcome(service) == "ROLLED_BACK"


def dies(service: Service, number: int) -> bool:
    faults = service.world.faults
    faults.crash_at = faults.calls + number
    try:
        service.tick()
    except Crash:
        return True
    finally:
        faults.crash_at = 0
    return False


def at_the_deadline() -> Service:
    service = waiting(NeedsHuman(remind_hours=1, deadline_hours=1))
    service.world.time += HOUR
    return service


def settled_by_a_deploy() -> Service:
    service = waiting()
    service.stack.deploy(template_changes=True)
    service.world.time += HOUR
    service.stack.describe()
    return service


@pytest.mark.parametrize(
    ("story", "end"), [(at_the_deadline, "ROLLED_BACK"), (settled_by_a_deploy, "NEEDS_HUMAN")]
)
def test_a_crash_after_any_call_leads_to_the_same_end(story: Callable[[], Service], end: str) -> None:
    crashes = 0
    for number in range(1, 40):
        service = story()
        crashes += dies(service, number)
        live_through(service, 2 * HOUR)
        assert outcome(service) == end, number
        assert service.endpoint.view().config_name == service.stack.config, number
        assert service.ledger.held is None, number
        told = [notice.subject for notice in service.topic.sent if "ROLLED_BACK" in notice.subject]
        assert len(told) == (end == "ROLLED_BACK"), number
    assert crashes > 5


# --- rollbacks that do not manage to ------------------------------------------------------------------------
def given_up() -> Service:
    """Return a service whose rollout nine rollbacks have not ended."""
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.abort(V2)
    service.run(until=lambda: "ROLLBACK_REQUESTED" in service.ledger.kinds(V2))
    for number in range(1, 10):
        name = f"rb-{V2}" if number == 1 else f"rb-{V2}-{number}"
        service.executions.views[BACK, name] = Execution(status="TIMED_OUT")
        service.executions.inputs.setdefault((BACK, name), {"rollout_id": V2})
    service.tick()
    return service


def test_nine_rollbacks_that_failed_need_a_human_who_is_told() -> None:
    service = given_up()
    run = service.ledger.runs[V2]
    assert run.status == "NEEDS_HUMAN"
    assert run.body["reason"].startswith("9 rollbacks have not ended it: ")
    (notice,) = service.topic.sent
    assert notice.subject == "digits-rehearsal: version 2 NEEDS_HUMAN"
    assert "is stuck" in notice.text
    assert service.ledger.held is None, "a human may deploy"
    for _ in range(3):
        service.tick()
    assert len(service.topic.sent) == 1


def test_what_was_given_up_is_settled_by_a_deploy() -> None:
    service = given_up()
    service.world.time += 300
    service.stack.deploy(template_changes=True)
    live_through(service, 5 * HOUR)
    assert service.ledger.runs[V2].body["resolved_at"]


# --- the old one is broken too ------------------------------------------------------------------------------
def test_an_alarm_while_the_old_version_burns_rolls_back_and_says_so() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.alarms.lit = {"live"}
    service.alarm()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.ledger.runs[V2].body["live_trouble"] == "alarm digits-live-5xx burns"
    assert "LIVE_IN_TROUBLE" in service.ledger.kinds(V2)
    text = service.topic.sent[-1].text
    assert "version 1 answers alone, and is in trouble too (alarm digits-live-5xx burns)." in text


def test_an_alarm_rolls_back_whether_or_not_live_can_be_looked_at() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.world.faults.down = {"cloudwatch"}
    assert service.alarm() == {"rollouts": {V2: f"started rb-{V2}"}}
