"""`tidegate explain` says what decided, with numbers, and whether they still decide so."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.cli.operator import recorded
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.plans import DOCUMENT
from tests.lambdas.fakes.world import package
from tidegate_cli import main
from tidegate_cli.failures import ExitCode
from tidegate_cli.operator import commands
from tidegate_cli.operator.explain import OF_TODAY, Explanation
from tidegate_cli.operator.explain_view import explanation_parts


def _text(found: Explanation) -> str:
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for part in explanation_parts(found, width=160, plain=False):
        console.print(part)
    return console.export_text()


def _explained(make: Callable[[], Service]) -> Explanation:
    return recorded.explained(recorded.run_of(make()))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (recorded.promoted, "v2 was promoted: every signal was proven to be within its tolerance"),
        (recorded.failed, "v2 was rolled back: the judge found the candidate worse than tolerated"),
        (recorded.inconclusive, "v2 was rolled back: the evidence did not suffice in the longest time"),
        (recorded.silent, "v2 was rolled back: there was nothing to judge in the longest time"),
        (recorded.aborted, "v2 was rolled back: an operator asked for it"),
        (recorded.failed_samples, "v2 was rolled back: it did not answer the declared samples as it should"),
        (recorded.shadowed, "v2 was promoted: every signal was proven to be within its tolerance"),
        (
            recorded.failed_as_shadow,
            "v2 was rolled back: the judge found the candidate worse than tolerated, on copies of requests",
        ),
    ],
)
def test_one_sentence_says_what_decided(make: Callable[[], Service], sentence: str) -> None:
    assert _explained(make).sentence.startswith(sentence)


def test_the_sample_that_failed_is_named_with_its_complaint() -> None:
    text = _text(_explained(recorded.failed_samples))
    assert "sample 'usual': " in text


def test_a_shadow_is_a_stage_of_its_own_with_no_share_of_the_traffic() -> None:
    service = recorded.shadowed()
    plan = json.loads(json.dumps(dataclasses.asdict(service.plan)))
    found = recorded.explained(recorded.run_of(service), plan)
    assert [(stage.name, stage.weight_percent) for stage in found.stages] == [
        ("shadow", 0),
        ("step 1", 10),
        ("step 2", 100),
        ("watch", 100),
    ]
    assert all(stage.looks and stage.verdict == "PASS" and stage.seconds for stage in found.stages)
    assert found.differences == ()
    assert _text(found)


def test_a_failed_candidate_is_shown_with_counts_rates_evidence_and_threshold() -> None:
    text = _text(_explained(recorded.failed))
    for expected in (
        "30 of 600: 5 % (2.68 % to 8.33 %)",
        "0 of 5,400: 0 % (0 % to 0.0686 %)",
        "mean e-value over 1,000,000 of 100 to fail",
        "The judgement that decided, at ",
        "weight 0 seen 60 s after the request",
        "1 judgement, all exactly as recorded",
        "plan         from the rollout's own record",
    ):
        assert expected in text


def test_a_promotion_says_what_proved_it_and_why_each_step_passed() -> None:
    found = _explained(recorded.promoted)
    assert "a rate of at most 0.473 % where 1 % is tolerated" in found.detail
    assert [(s.name, s.weight_percent, s.verdict) for s in found.stages] == [
        ("step 1", 10, "PASS"),
        ("step 2", 100, "PASS"),
        ("watch", 100, "PASS"),
    ]
    assert found.stages[0].reason == "no signal fails after 600 candidate requests in 60 s of this step"
    assert found.stages[1].served.requests == 6000
    assert found.stages[1].served.bad == {"5xx": 12, "model_errors": 0}
    assert found.baseline_arn == package(1)


def test_a_rollback_without_a_verdict_shows_the_newest_judgement_as_one_that_did_not_decide() -> None:
    found = _explained(recorded.aborted)
    assert not found.judge_decided
    assert found.rates
    assert "The newest judgement; it did not decide" in _text(found)


def test_an_alarm_is_named_as_what_decided() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.alarm()
    service.run()
    found = recorded.explained(recorded.run_of(service))
    assert found.sentence == (
        "v2 was rolled back: an alarm of the candidate went off, which needs no verdict"
    )
    assert "digits-candidate-5xx" in found.detail


def test_a_container_that_never_started_ended_before_any_traffic() -> None:
    service = Service().deployed()
    service.endpoint.broken = {package(2)}
    service.approve(2)
    service.run()
    found = recorded.explained(recorded.run_of(service))
    assert found.sentence.startswith("v2 was rolled back: its state machine failed")
    assert "UpdateRolledBack" in found.detail
    assert found.stages == ()


def test_a_version_that_was_superseded_names_the_rollout_that_held_the_endpoint() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    late = service.approve(3, time="2026-11-21T06:00:00Z")["rollout_id"]
    found = recorded.explained(recorded.run_of(service, late))
    assert found.sentence.endswith("was not rolled out: another rollout held the endpoint")
    assert V2 in found.detail
    assert found.judged_again == 0


def test_a_rollout_that_waits_for_a_human_says_what_to_do() -> None:
    run = recorded.run_of(recorded.inconclusive())
    waiting = type(run)(
        rollout_id=run.rollout_id,
        status="NEEDS_HUMAN",
        body=run.body,
        log=tuple(entry for entry in run.log if entry.kind != "ROLLBACK_REQUESTED"),
    )
    found = recorded.explained(waiting)
    assert found.sentence.startswith("v2 waits for a human: the evidence did not suffice")
    assert found.judge_decided
    assert "abort it with `tidegate abort`, or approve a version again" in _text(found)


def test_the_first_version_had_nothing_to_be_compared_with() -> None:
    service = Service()
    service.approve(1)
    service.run()
    (rollout_id,) = service.ledger.runs
    found = recorded.explained(recorded.run_of(service, rollout_id))
    assert found.sentence == "v1 is the first version: there was nothing to compare it with"
    assert found.stages == ()


def test_a_rollout_in_flight_is_explained_as_far_as_it_is() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "JUDGED" in service.ledger.kinds(V2))
    found = recorded.explained(recorded.run_of(service))
    assert found.sentence == "v2 is being rolled out; nothing has been decided against it"
    assert (found.ended_at, found.judge_decided) == (None, False)


def test_a_plan_that_cannot_be_read_is_told_and_the_rest_is_explained() -> None:
    found = recorded.explained(recorded.run_of(recorded.failed()), plan={"steps": []})
    assert found.judged_again == 0
    assert "cannot read the plan" in found.notes[0]
    assert found.sentence.endswith("the judge found the candidate worse than tolerated")


def _invoke(monkeypatch: pytest.MonkeyPatch, aws: Any, *arguments: str) -> Any:
    monkeypatch.setattr(commands, "Aws", lambda **_: aws)
    where = ["--service", "digits", "--environment", "production"]
    return CliRunner().invoke(main.app, ["explain", *arguments, *where])


def test_the_newest_rollout_is_explained_by_default_with_the_plan_in_its_record(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.items, aws.plan = recorded.items_of(recorded.failed()), None
    done = _invoke(monkeypatch, aws, "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert (document["rollout_id"], document["status"]) == (V2, "ROLLED_BACK")
    assert (document["judged_again"], document["differences"]) == (1, [])
    assert document["plan"] == "the rollout's own record"


def test_a_record_without_a_plan_is_judged_by_the_plan_of_today_and_says_so(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = recorded.failed()
    del service.ledger.runs[V2].body["plan"]  # type: ignore[attr-defined]
    aws.items, aws.plan = recorded.items_of(service), DOCUMENT
    done = _invoke(monkeypatch, aws)
    assert done.exit_code == 0
    assert OF_TODAY[:60] in done.stdout


def test_without_any_plan_everything_but_the_replay_is_told(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = recorded.failed()
    del service.ledger.runs[V2].body["plan"]  # type: ignore[attr-defined]
    aws.items, aws.plan = recorded.items_of(service), None
    done = _invoke(monkeypatch, aws)
    assert done.exit_code == 0
    assert "the judge found the candidate worse than tolerated" in done.stdout
    assert "neither the record nor the functions tell the plan" in done.stdout


def test_a_ledger_that_was_tampered_with_is_told_loudly_and_by_the_exit_code(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = recorded.failed()
    service.ledger.bodies("JUDGED")[0]["buckets"][0]["candidate"]["bad"]["5xx"] = 3
    aws.items = recorded.items_of(service)
    done = _invoke(monkeypatch, aws, V2)
    assert done.exit_code == ExitCode.REPLAY_DIFFERS
    assert "THE REPLAY DIFFERS FROM THE RECORD" in done.stdout
    assert "recorded FAIL, replayed " in done.stdout
    assert done.stderr == f"tidegate: the judgements of {V2} do not come out as recorded\n"


def test_the_approver_is_named_where_the_registry_tells(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.items = recorded.items_of(recorded.failed())
    assert "approved by" not in _invoke(monkeypatch, aws).stdout
    aws.packages[package(2)] = {
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "looks good",
        "LastModifiedBy": {"UserProfileName": "ada"},
    }
    assert "ada (the last to change it in the registry), who said: looks good" in (
        _invoke(monkeypatch, aws).stdout
    )


def test_rejects_an_unknown_id_and_names_the_newest(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        aws.run(f"v{number}-x", started_at=1000.0 + number)
    done = _invoke(monkeypatch, aws, "v9-y")
    assert done.exit_code == ExitCode.NO_ROLLOUT
    assert done.stderr == (
        "tidegate: no rollout v9-y of digits-production: the newest are v6-x, v5-x, v4-x, v3-x, v2-x\n"
    )


def test_rejects_to_explain_where_nothing_was_rolled_out(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _invoke(monkeypatch, aws)
    assert done.exit_code == ExitCode.NO_ROLLOUT
    assert done.stderr == "tidegate: no rollout of digits-production yet\n"
