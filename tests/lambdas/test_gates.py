"""Gates in whole rollouts: nothing goes on without a decision, and the judge never stops looking."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.gated import (
    MANUAL,
    WAIT,
    WEBHOOK,
    at_the_gate,
    in_step,
    is_at_gate,
    shifted,
    with_gates,
)
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.users import APPROVER
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied, FunctionFailed, Transient

OPEN = {"status": "APPROVED", "reason": "the dashboards are green"}


def test_a_step_that_has_passed_waits_at_its_gate_with_its_share() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.run(seconds=WAIT / 2)
    assert is_at_gate(service)
    assert service.endpoint.share() == pytest.approx(0.1)
    assert shifted(service) == [(V2, 0)]


def test_an_opened_gate_lets_the_rollout_go_on_to_its_promotion() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    answer = service.operate("promote")
    assert (answer.status, answer.message) == (
        "DONE",
        "the gate after step 1 is open; the judge looks once more",
    )
    service.run()
    assert outcome(service) == "PROMOTED"


def test_what_opens_the_way_is_a_pass_on_data_of_after_the_wait() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.run(seconds=WAIT / 2)
    opened_at = service.world.time
    service.operate("promote")
    in_step(service, 1)
    last = [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0][-1]
    assert last["at"] >= opened_at
    counted = [bucket["start"] for body in service.ledger.bodies("JUDGED") for bucket in body["buckets"]]
    assert max(counted) >= opened_at - 3 * 300


def test_the_judge_goes_on_while_the_gate_is_closed_and_rolls_back_a_candidate_that_turns_bad() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.metrics.rates[package(2)] = 0.2
    before = service.world.time
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.ledger.bodies("JUDGED")[-1]["verdict"] == "FAIL"
    assert service.world.time - before < 1_200
    assert_back_on_baseline(service)


def test_a_gate_behind_the_last_step_stands_before_the_promotion() -> None:
    service = at_the_gate(with_gates(None, MANUAL), step=1)
    service.run(seconds=7_200)
    assert service.pointer.value == package(1)
    assert service.endpoint.share() == 1.0
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_each_gate_is_opened_by_itself() -> None:
    service = at_the_gate(with_gates(MANUAL, MANUAL))
    service.operate("promote")
    at_the_gate(service, step=1)
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"
    assert [body["step"] for body in service.ledger.bodies("GATE_OPENED")] == [0, 1]


@pytest.mark.parametrize(("policy", "end"), [("roll_back", "ROLLED_BACK"), ("needs_human", "NEEDS_HUMAN")])
def test_a_gate_that_nobody_opens_ends_by_its_policy(policy: str, end: str) -> None:
    service = at_the_gate(with_gates(replace(MANUAL, on_timeout=policy), None))
    began = service.world.time
    service.run(seconds=2 * WAIT)
    assert outcome(service) == end
    judged = service.ledger.bodies("JUDGED")[-1]
    assert (judged["verdict"], judged["judged"]) == ("GATE_TIMED_OUT", "PASS")
    assert judged["reason"] == "nobody opened the gate after step 1 in 14400 s"
    assert WAIT <= judged["at"] - began <= WAIT + 600


def test_people_are_told_once_what_to_look_at_what_to_type_until_when_and_what_it_costs() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.run(seconds=WAIT / 2)
    (notice,) = service.topic.sent
    assert notice.subject == "digits-rehearsal: version 2 waits at the gate after step 1"
    for words in (
        "has passed step 1 at 10 % of the traffic",
        "What it showed: no signal fails after 600 candidate requests",
        "`tidegate promote --service digits --environment rehearsal`",
        "`tidegate abort --service digits --environment rehearsal`",
        "in 4.0 h",
        "instance-hours",
    ):
        assert words in notice.text


def test_a_notice_that_did_not_get_through_is_sent_at_the_next_look() -> None:
    service = with_gates(MANUAL, None)
    service.world.faults.before["sns.publish"] = [Transient("down")]
    at_the_gate(service)
    assert service.topic.sent == []
    service.run(seconds=900)
    assert len(service.topic.sent) == 1


def test_a_function_that_approves_opens_its_gate_at_once() -> None:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [OPEN]
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    ((arn, document),) = service.functions.asked
    assert arn == APPROVER
    assert document == {
        "rollout_id": V2,
        "endpoint": "digits-rehearsal",
        "when": "gate",
        "step": 1,
        "steps": 2,
        "weight_percent": 10,
        "model_package_arn": package(2),
        "baseline_package_arn": package(1),
        "reason": document["reason"],
    }
    opened = service.ledger.bodies("GATE_OPENED")[0]
    assert (opened["by"], opened["reason"]) == (APPROVER, "the dashboards are green")


def test_a_function_that_waits_is_asked_again_at_each_look() -> None:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [{"status": "WAIT"}, {"status": "WAIT"}, OPEN]
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert len(service.functions.asked) == 3


def test_a_function_that_rejects_rolls_back_with_its_reason() -> None:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [{"status": "REJECTED", "reason": "sales fell"}]
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.ledger.runs[V2].body["reason"].endswith("rejected at the gate after step 1: sales fell")
    assert_back_on_baseline(service)


@pytest.mark.parametrize(
    "answer",
    [
        FunctionFailed("it raised"),
        Transient("throttled"),
        Denied("AccessDenied"),
        "APPROVED",
        None,
        {"status": "OK"},
        {"status": ["APPROVED"]},
    ],
)
def test_whatever_is_no_approval_leaves_the_gate_closed(answer: object) -> None:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [answer]
    at_the_gate(service)
    service.run(seconds=WAIT / 2)
    assert is_at_gate(service)
    assert service.endpoint.share() == pytest.approx(0.1)
    service.functions.answers[APPROVER] = [OPEN]
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_person_may_open_a_gate_that_a_function_decides_about() -> None:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [{"status": "WAIT"}]
    at_the_gate(service)
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_decision_whose_answer_is_lost_is_found_on_record_at_the_next_look() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.world.faults.before["tasks.answer"] = [Denied("AccessDenied")]
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_decision_between_two_tokens_loses_nothing() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    (running,) = service.running.values()
    gone = running.token
    service.run(until=lambda: not running.token)
    assert service.tasks.answer(gone) is False
    assert service.operate("promote").status == "DONE"
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_ledger_that_is_silent_keeps_the_gate_closed_and_the_judge_looking() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.world.faults.down = {"dynamodb"}
    service.run(seconds=600)
    assert service.endpoint.share() == pytest.approx(0.1)
    service.metrics.rates[package(2)] = 0.2
    service.run(seconds=1_800)
    assert service.endpoint.share() == 0.0


def test_without_topic_ledger_and_function_a_gate_does_no_harm() -> None:
    service = at_the_gate(with_gates(WEBHOOK, None))
    service.world.faults.down = {"dynamodb", "functions", "sns", "tasks"}
    service.run(seconds=600)
    service.world.faults.down = set()
    service.functions.answers[APPROVER] = [OPEN]
    service.run()
    assert outcome(service) == "PROMOTED"


def test_an_operator_takes_a_rollout_back_while_it_waits_at_its_gate() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert service.operate("promote", rollout_id=V2).status == "REFUSED"


def test_a_wait_of_the_longest_kind_is_shorter_than_the_rollouts_own_time_out() -> None:
    service = at_the_gate(with_gates(replace(MANUAL, max_wait_seconds=14 * 24 * 3600), None))
    service.run(seconds=13 * 24 * 3600)
    service.tick()
    service.run(seconds=60)
    assert is_at_gate(service)
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"
