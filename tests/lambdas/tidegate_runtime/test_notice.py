"""What a person reads about each end, and each source of a rollback."""

from typing import Any

import pytest

from tests.lambdas.fakes.world import package
from tidegate_runtime.notice import Notice, command, notice_of
from tidegate_runtime.ports import Run

BASELINE = {"package_arn": package(2), "instance_type": "ml.m5.large"}
CANDIDATE = {"instances": 2, "live_instances": 3}
REASON = "5xx: 12 bad of 100 requests, live 2 of 1,900 (e-value 140 of 100)"


def told(status: str, **body: Any) -> Notice:
    usual = {"package_arn": package(3), "reason": REASON, "baseline": BASELINE, "candidate": CANDIDATE}
    plan: dict[str, Any] = {"steps": [{}, {}, {}, {}]}
    run = Run(rollout_id="v3-20261121T050102Z", status=status, body={**usual, "plan": plan, **body})
    return notice_of(run, endpoint_name="digits-production")


def test_a_promotion_names_both_versions_and_asks_nothing() -> None:
    notice = told("PROMOTED")
    assert notice.subject == "digits-production: version 3 PROMOTED"
    assert notice.text.splitlines() == [
        "Version 3 is live on endpoint digits-production, instead of version 2.",
        "",
        f"Why: {REASON}",
        "What to do: nothing.",
        "What it costs: nothing more than before.",
        "",
        "Rollout: v3-20261121T050102Z",
        f"Model package: {package(3)}",
    ]


def test_the_first_version_takes_nobodys_place() -> None:
    text = told("PROMOTED", first=True, baseline=None).text
    assert "Version 3 is live on endpoint digits-production as its first version." in text


@pytest.mark.parametrize(
    ("source", "by"),
    [
        ("verdict", "by the judge"),
        ("alarm", "by an alarm"),
        ("operator", "by an operator"),
        ("execution", "because the rollout itself failed"),
        ("watchdog", "by the watchdog"),
        ("superseded", "for a newer version"),
        ("rejected", "because it was rejected in the registry"),
        ("pipeline", "by pipeline"),
    ],
)
def test_a_rollback_says_who_asked_where_it_was_and_what_answers_now(source: str, by: str) -> None:
    text = told("ROLLED_BACK", source=source, step=0, weight_percent=5).text
    assert text.startswith(
        f"Version 3 was rolled back {by} at step 1 of 4, 5 % of the traffic, on digits-production; "
        "version 2 answers alone."
    )
    assert f"Why: {REASON}" in text
    assert "look at the numbers with `tidegate explain --service digits --environment production`" in text
    assert "approve it, or another one, again" in text


def test_a_rollback_before_the_first_step_says_that_nobody_saw_the_candidate() -> None:
    text = told("ROLLED_BACK", source="execution").text
    assert "because the rollout itself failed before it had traffic on digits-production" in text


def test_a_rollout_that_waits_names_the_command_and_the_instance_hours() -> None:
    text = told("NEEDS_HUMAN", step=1, weight_percent=25).text
    assert "waits for you at step 2 of 4, 25 % of the traffic" in text
    assert "run `tidegate abort --service digits --environment production`" in text
    assert "each hour of waiting 2 instance-hours of ml.m5.large for the candidate, beside 3 for live" in text


def test_a_stuck_rollback_says_what_must_be_repaired_first() -> None:
    text = told("NEEDS_HUMAN", source="alarm", reason="errors; the endpoint is Failed: no capacity").text
    assert text.startswith("The rollback of version 3 on digits-production, asked for by an alarm, is stuck.")
    assert "make endpoint and hosting stack take changes again, then run `tidegate abort" in text


def test_costs_are_not_invented_without_a_record() -> None:
    assert "no second fleet is on record" in told("NEEDS_HUMAN", candidate=None).text


def test_a_version_that_never_ran_says_that_nothing_was_touched() -> None:
    text = told("SUPERSEDED", reason="rollout v2-20261121T050000Z is in flight").text
    assert "was not rolled out to digits-production: nothing was touched" in text
    assert "Why: rollout v2-20261121T050000Z is in flight" in text
    assert "approve it again" in text


def test_an_end_without_any_record_is_still_told() -> None:
    run = Run(rollout_id="v3", status="ROLLED_BACK", body={})
    text = notice_of(run, endpoint_name="digits-production").text
    assert "Version unknown was rolled back" in text
    assert "Why: no reason is on record" in text


def test_an_endpoint_of_no_service_file_is_told_its_state_machine() -> None:
    assert command("abort", endpoint_name="digits", rollout_id="v3") == (
        'an execution `rb-v3` of the state machine digits-rollback with input \'{"rollout_id": "v3"}\''
    )


def test_a_subject_fits_into_an_email() -> None:
    run = Run(rollout_id="v3", status="NEEDS_HUMAN", body={"package_arn": package(3)})
    assert len(notice_of(run, endpoint_name="x" * 120).subject) == 100
