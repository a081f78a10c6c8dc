"""Operators steer: what is asked of the controller, what is said, and with which exit code it ends."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.cli.operator.conftest import FakeAws
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.main import app
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.orders import Standing
from tidegate_cli.operator.steer import seconds_of, steer

WHERE = ["--service", "digits", "--environment", "production"]
V3 = "v3-x"


@pytest.fixture
def controller(aws: FakeAws) -> Controller:
    aws.run(V3, step=0, weight_percent=5)
    aws.log(V3, 1000.0, "SHIFTED", step=0, weight_percent=5)
    return Controller.find(aws, service="digits", environment="production")  # type: ignore[arg-type]


def typed(aws: FakeAws, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setattr("tidegate_cli.operator.steering_commands.Aws", lambda **_: aws)
    return CliRunner().invoke(app, [*arguments, *WHERE])


def test_a_hold_asks_the_endpoints_own_function_in_the_callers_name(
    aws: FakeAws, controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = typed(aws, monkeypatch, "hold", "--reason", "sale", "--for", "90m")
    assert done.exit_code == 0
    assert aws.invoked == [
        {
            "FunctionName": "digits-production-operate",
            "Payload": {
                "verb": "hold",
                "by": "assumed-role/Operators/ada",
                "reason": "sale",
                "seconds": 5_400,
            },
        }
    ]
    for words in ("v3-x: as you say", "digits-production (InService)", "planned share 5 %", "share now"):
        assert words in done.stdout


def test_a_promotion_may_be_for_all_later_steps(
    aws: FakeAws, controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = typed(aws, monkeypatch, "promote", "--reason", "urgent", "--all", "--json")
    assert aws.invoked[0]["Payload"]["every"] is True
    told = json.loads(done.stdout)
    assert (told["rollout_id"], told["message"]) == (V3, "as you say")
    assert told["status"]["rollout"]["step"] == 1


def test_rejects_a_promotion_without_a_reason(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed(aws, monkeypatch, "promote").exit_code == ExitCode.USAGE
    assert aws.invoked == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("v3-x is being promoted already", ExitCode.REFUSED),
        ("no rollout is in flight", ExitCode.NOTHING_IN_FLIGHT),
    ],
)
def test_rejects_what_the_controller_rejects_with_its_words(
    aws: FakeAws, controller: Controller, message: str, code: ExitCode
) -> None:
    aws.answer = {"status": "REFUSED", "message": message, "rollout_id": ""}
    with pytest.raises(CliError, match=message) as refused:
        steer(aws, controller, "resume", reason="go on")  # type: ignore[arg-type]
    assert refused.value.code is code


def test_a_function_that_fails_is_a_failure_to_try_again(aws: FakeAws, controller: Controller) -> None:
    aws.failed = "dynamodb is down"
    with pytest.raises(CliError, match="ask again: Transient: dynamodb is down") as failed:
        steer(aws, controller, "hold", reason="sale")  # type: ignore[arg-type]
    assert failed.value.code is ExitCode.FAILED


@pytest.mark.parametrize(("text", "seconds"), [("90m", 5_400), ("24h", 86_400)])
def test_times_are_minutes_or_hours(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "h", "1.5h", "1d", "-1h", "1h30m"])
def test_rejects_what_is_no_time(text: str) -> None:
    with pytest.raises(CliError, match="must be a time such as 90m or 24h"):
        seconds_of(text)


GATE = {"step": 0, "since": 1_000.0, "until": 87_400.0, "function": "", "decision": ""}
HOLD = {"by": "ada", "reason": "sale", "since": 1_000.0, "until": 2_000.0}


def standing(now: float = 1_500.0, status: str = "RUNNING", **body: Any) -> Standing:
    return Standing.of(Run(rollout_id=V3, status=status, body={"step": 0, **body}), now=now)


def test_status_says_at_which_gate_a_rollout_waits_until_when_and_what_opens_it() -> None:
    found = standing(gate=GATE)
    ((name, text),) = found.rows()
    assert name == "gate"
    assert text == ("waits at the gate after step 1 since 1970-01-01 00:16:40Z, until 1970-01-02 00:16:40Z")
    assert found.next() == "the gate after step 1 opens: `tidegate promote`, or `tidegate abort`"


def test_status_says_who_holds_a_rollout_why_and_until_when() -> None:
    found = standing(holds=[HOLD])
    assert found.rows() == [("held", "by ada until 1970-01-01 00:33:20Z: sale")]
    assert found.next() == "its hold ends, or is lifted with `tidegate resume`"


@pytest.mark.parametrize(
    "found",
    [
        standing(now=2_500.0, holds=[HOLD]),
        standing(gate={**GATE, "decision": "APPROVED"}),
        standing(gate=GATE, step=1),
        standing(status="ROLLED_BACK", gate=GATE, holds=[HOLD]),
        standing(waiver={"step": 1, "every": True, "by": "ada", "reason": "x"}, step=0, status="PROMOTED"),
    ],
)
def test_what_is_over_does_not_stand(found: Standing) -> None:
    assert (found.rows(), found.next()) == ([], "")


def test_status_says_whose_word_stands_for_evidence() -> None:
    waiver = {"step": 0, "every": True, "by": "ada", "reason": "urgent", "at": 1.0}
    assert standing(waiver=waiver).rows() == [
        ("waived", "evidence of step 1 and all later ones by ada: urgent")
    ]
