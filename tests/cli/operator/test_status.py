"""`tidegate status` says where a rollout stands, from the ledger and the endpoint alone."""

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tidegate_cli import main
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller, find_plan
from tidegate_cli.operator.status import Status, read_status
from tidegate_cli.operator.status_view import status_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_cli.operator.session import Aws

SIGNAL = {
    "name": "5xx",
    "e_value": 12.0,
    "threshold": 200.0,
    "live_requests": 1900,
    "live_bad": 2,
    "candidate_requests": 100,
    "candidate_bad": 3,
}


def as_aws(fake: Any) -> "Aws":
    return cast("Aws", fake)


def _status(aws: Any, now: float = 1500.0) -> Status:
    real = as_aws(aws)
    return read_status(real, Controller.find(real, service="digits", environment="production"), now=now)


def _text(status: Status) -> str:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(status_table(status))
    return console.export_text()


def _stepping(aws: Any) -> None:
    aws.run("v3-x")
    aws.log("v3-x", 1000, "STARTED")
    aws.log("v3-x", 1400, "SHIFTED", step=0, weight_percent=5)
    aws.log(
        "v3-x", 1460, "JUDGED", verdict="CONTINUE", reason="100 of 100 requests", step=0, signals=[SIGNAL]
    )


def test_status_of_a_shadow_names_its_copies_and_what_is_left_and_no_share(aws: Any) -> None:
    bake = {"min_bake_seconds": 300, "max_bake_seconds": 3600, "min_requests": 100}
    aws.plan = {**aws.plan, "shadow": {"traffic_percent": 50, **bake}}
    aws.weights = []
    aws.run("v3-x", phase="SHADOWING")
    aws.log("v3-x", 1400, "SHADOWING", mirror_percent=50)
    status = _status(aws)
    rollout = status.rollout
    assert rollout is not None
    assert (rollout.step, rollout.planned_percent, status.candidate_share) == (None, None, 0)
    assert rollout.time_left is not None
    assert (rollout.time_left.at_least, rollout.time_left.at_most) == (200, 3500)
    assert rollout.time_after is not None
    assert rollout.time_after.at_least == 900
    text = _text(status)
    assert "copies of 50 % of the requests to the candidate" in text
    assert "evidence on copies of requests" in text

    # WHEN it has passed THEN no phase lasts until the candidate is there
    aws.log("v3-x", 1500, "JUDGED", verdict="PASS", phase="SHADOWING", step=0, signals=[SIGNAL])
    assert (found := _status(aws).rollout) is not None
    assert found.next == "the shadow becomes a candidate, without traffic"
    aws.log("v3-x", 1501, "SHADOWED")
    assert (found := _status(aws).rollout) is not None
    assert found.time_left is None


def test_status_of_samples_says_what_has_been_answered_and_why_it_waits(aws: Any) -> None:
    aws.run("v3-x", phase="SAMPLING")
    aws.log("v3-x", 1400, "PREPARED")
    aws.log(
        "v3-x",
        1410,
        "SAMPLED",
        verdict="CONTINUE",
        reason="sample 'usual': ModelNotReadyException",
        sampled=0,
    )
    text = _text(_status(aws))
    assert "SAMPLED CONTINUE" in text
    assert "sample 'usual': ModelNotReadyException" in text
    assert "the first traffic for the candidate, once all samples are answered" in text


def test_status_in_a_step_names_step_share_evidence_next_and_the_time_left(aws: Any) -> None:
    _stepping(aws)
    rollout = _status(aws).rollout
    assert rollout is not None
    assert (rollout.step, rollout.steps, rollout.planned_percent) == (1, 2, 5)
    assert rollout.evidence[0]["e_value"] == 12.0
    assert rollout.last_decision is not None
    assert rollout.last_decision.kind == "JUDGED CONTINUE"
    assert rollout.next == "more evidence at this share"
    assert rollout.time_left is not None
    assert (rollout.time_left.at_least, rollout.time_left.at_most) == (200, 3500)
    assert rollout.time_after is not None
    assert (rollout.time_after.at_least, rollout.time_after.at_most) == (600, 5400)


def test_the_table_says_it_all_in_words(aws: Any) -> None:
    _stepping(aws)
    text = _text(_status(aws))
    for expected in (
        "digits-production (InService)",
        "v2  arn:",
        "v3-x (RUNNING)",
        "1 of 2, planned share 5 %",
        "5.0 % to the candidate",
        "e-value 12 of 200 to fail; 5xx: candidate 3 bad of 100, live 2 of 1,900",
        "in this step at least 3 min, at most 58 min; then at least 10 min, at most 90 min",
    ):
        assert expected in text


def test_the_json_is_complete(aws: Any) -> None:
    _stepping(aws)
    document = json.loads(json.dumps(_status(aws).to_json()))
    assert document["rollout"]["rollout_id"] == "v3-x"
    assert document["candidate_share"] == 0.05
    assert document["rollout"]["time_left"] == {"at_least": 200.0, "at_most": 3500.0}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ([("CHECKED", {})], "the candidate's instances start beside live, without traffic"),
        ([("PREPARED", {})], "the first traffic for the candidate"),
        ([("JUDGED", {"verdict": "PASS", "step": 0})], "100 % of the traffic"),
        ([("JUDGED", {"verdict": "PASS", "step": 1})], "the promotion through the stack"),
        ([("JUDGED", {"verdict": "PASS", "step": 1, "phase": "WATCHING"})], "the end"),
        ([("JUDGED", {"verdict": "FAIL", "step": 0})], "the rollback"),
        ([("JUDGED", {"verdict": "FAIL"}), ("ROLLBACK_REQUESTED", {})], "weight 0 at the first moment"),
        ([("WEIGHT_ZERO", {})], "the endpoint goes back to the stack's own config"),
    ],
)
def test_what_is_next_follows_from_the_last_decision(
    aws: Any, log: list[tuple[str, dict[str, Any]]], expected: str
) -> None:
    aws.run("v3-x")
    for index, (kind, body) in enumerate(log):
        aws.log("v3-x", 1100 + index, kind, **body)
    rollout = _status(aws).rollout
    assert rollout is not None
    assert rollout.next.startswith(expected)


def test_a_rollout_in_flight_goes_before_a_newer_one_that_was_superseded(aws: Any) -> None:
    _stepping(aws)
    aws.run("v4-y", status="SUPERSEDED", started_at=1450.0)
    rollout = _status(aws).rollout
    assert rollout is not None
    assert rollout.rollout_id == "v3-x"


def test_without_the_right_to_read_the_plan_only_the_times_are_missing(aws: Any) -> None:
    _stepping(aws)
    aws.plan = None
    rollout = _status(aws).rollout
    assert rollout is not None
    assert rollout.time_left is None
    assert rollout.step == 1
    assert find_plan(as_aws(aws), "stack") is None


def test_the_plan_in_the_rollouts_own_record_goes_before_the_one_of_the_functions(aws: Any) -> None:
    aws.run("v3-x", plan={**aws.plan, "steps": aws.plan["steps"][:1]})
    aws.log("v3-x", 1400, "SHIFTED", step=0, weight_percent=5)
    rollout = _status(aws).rollout
    assert rollout is not None
    assert rollout.steps == 1
    aws.plan = None
    assert _status(aws).rollout == rollout


@pytest.mark.parametrize("kind", ["PROMOTING", "PROMOTED", "ROLLBACK_REQUESTED"])
def test_after_the_steps_there_are_no_later_ones_to_wait_for(aws: Any, kind: str) -> None:
    _stepping(aws)
    aws.log("v3-x", 1470, kind)
    rollout = _status(aws).rollout
    assert rollout is not None
    assert rollout.time_after is None


def test_before_the_first_version_there_is_nothing_to_tell_and_that_is_no_error(aws: Any) -> None:
    aws.pointer = None
    aws.weights = []
    text = _text(_status(aws))
    assert "absent" in text
    assert "none yet" in text


def test_rejects_a_service_without_a_controller_stack(aws: Any) -> None:
    aws.outputs = None
    with pytest.raises(CliError, match="no stack digits-production-controller") as caught:
        _status(aws)
    assert caught.value.code == ExitCode.NO_STACK


def test_rejects_a_stack_without_the_outputs(aws: Any) -> None:
    del aws.outputs["RollbackStateMachine"]
    with pytest.raises(CliError, match="has no output 'RollbackStateMachine'"):
        _status(aws)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> Any:
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    defaults = {
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in {**defaults, **environment}.items():
        monkeypatch.setenv(name, value)
    command = [*arguments, "--service", "digits", "--environment", "production"]
    return CliRunner().invoke(main.app, command)


def test_rejects_a_user_without_credentials_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(monkeypatch, "status", AWS_REGION="eu-west-1")
    assert done.exit_code == ExitCode.NO_CREDENTIALS
    assert done.stderr.startswith("tidegate: no usable AWS credentials")
    assert done.stderr.count("\n") == 1


def test_rejects_an_unknown_profile_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(monkeypatch, "status", "--profile", "nobody")
    assert done.exit_code == ExitCode.NO_CREDENTIALS
    assert "nobody" in done.stderr
    assert done.stderr.count("\n") == 1


def test_rejects_a_missing_region_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(monkeypatch, "status")
    assert done.exit_code == ExitCode.FAILED
    assert done.stderr == "tidegate: no AWS region: set AWS_REGION or give --region\n"


def test_the_command_prints_the_json(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _stepping(aws)
    make: Callable[..., Any] = lambda **_: aws  # noqa: E731
    monkeypatch.setattr(main, "Aws", make)
    done = _run(monkeypatch, "status", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["endpoint"] == "digits-production"
