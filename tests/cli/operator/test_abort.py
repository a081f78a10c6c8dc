"""`tidegate abort` starts the rollback, once, and sees the weight at 0."""

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from tidegate_cli import main
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.abort import start_rollback, wait_for_weight_zero
from tidegate_cli.operator.controller import Controller

if TYPE_CHECKING:
    from tidegate_cli.operator.session import Aws


def as_aws(fake: Any) -> "Aws":
    return cast("Aws", fake)


def _controller(aws: Any) -> Controller:
    return Controller.find(as_aws(aws), service="digits", environment="production")


def _abort(monkeypatch: pytest.MonkeyPatch, aws: Any, *arguments: str) -> Any:
    monkeypatch.setattr(main, "Aws", lambda **_: aws)
    command = ["abort", "--service", "digits", "--environment", "production", *arguments]
    return CliRunner().invoke(main.app, command)


def test_an_abort_starts_the_rollback_machine_under_the_rollouts_name(aws: Any) -> None:
    aws.run("v3-x")
    started = start_rollback(as_aws(aws), _controller(aws), reason="latency")
    (request,) = aws.started
    assert (request["stateMachineArn"], request["name"]) == ("arn:rollback", "rb-v3-x")
    assert json.loads(request["input"]) == {"rollout_id": "v3-x", "reason": "latency", "source": "operator"}
    assert not started.already


def test_a_rollback_that_was_started_before_is_fine(aws: Any) -> None:
    aws.run("v3-x")
    start_rollback(as_aws(aws), _controller(aws), reason="one")
    assert start_rollback(as_aws(aws), _controller(aws), reason="two").already
    assert len(aws.started) == 1


def test_a_rollout_that_waits_for_a_human_can_be_aborted(aws: Any) -> None:
    aws.run("v3-x", status="NEEDS_HUMAN")
    assert start_rollback(as_aws(aws), _controller(aws), reason="no").rollout_id == "v3-x"


def test_rejects_an_abort_when_nothing_is_in_flight(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v2-w", status="PROMOTED")
    done = _abort(monkeypatch, aws)
    assert done.exit_code == ExitCode.NOTHING_IN_FLIGHT
    assert done.stderr == "tidegate: no rollout in flight on digits-production\n"
    assert aws.started == []


def test_the_command_waits_until_weight_0_is_seen(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v3-x")
    aws.weights = [(100.0, 0.0)]
    done = _abort(monkeypatch, aws, "--reason", "latency")
    assert done.exit_code == 0
    assert "rollback of v3-x started" in done.stdout
    assert "weight 0 seen after 0 s" in done.stdout


def test_the_command_shows_the_status_of_what_goes_back(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v3-x")
    aws.weights = [(100.0, 0.0)]
    said = _abort(monkeypatch, aws).stdout
    shown = [line.split()[0] for line in said.splitlines()]
    assert {"endpoint", "rolls", "phase", "share", "next"} <= set(shown)


def test_an_abort_whose_status_cannot_be_read_is_one_all_the_same(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameter")

    aws.run("v3-x")
    aws.weights = [(100.0, 0.0)]
    monkeypatch.setattr(main, "read_status", unreadable)
    done = _abort(monkeypatch, aws)
    assert (done.exit_code, len(aws.started)) == (0, 1)
    assert "its status cannot be read" in done.stdout


def test_the_command_need_not_wait(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v3-x")
    done = _abort(monkeypatch, aws, "--no-wait")
    assert done.exit_code == 0
    assert "weight 0" not in done.stdout


def test_an_abort_during_a_promotion_says_that_it_takes_minutes(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.run("v3-x", phase="WATCHING")
    done = _abort(monkeypatch, aws)
    assert done.exit_code == 0
    assert "takes minutes" in done.stdout


def test_what_is_seen_is_told_once_each_time_it_changes(aws: Any) -> None:
    aws.weights = [(95.0, 5.0), (95.0, 5.0), (100.0, 0.0)]
    lines: list[str] = []
    seconds = wait_for_weight_zero(
        as_aws(aws),
        _controller(aws),
        timeout_seconds=60,
        report=lines.append,
        clock=iter(range(100)).__next__,
        sleep=lambda _: None,
    )
    assert lines == [
        "InService, 5.0 % of the traffic to the candidate",
        "InService, 0.0 % of the traffic to the candidate",
    ]
    assert seconds > 0


def test_rejects_to_wait_for_ever_and_says_that_the_rollback_goes_on(aws: Any) -> None:
    with pytest.raises(CliError, match=r"weight 0 not seen within 5 s .* goes on by itself") as caught:
        wait_for_weight_zero(
            as_aws(aws),
            _controller(aws),
            timeout_seconds=5,
            report=lambda _: None,
            clock=iter(range(100)).__next__,
            sleep=lambda _: None,
        )
    assert caught.value.code == ExitCode.NOT_CONFIRMED
