"""`tidegate history` lists the newest rollouts with what they served."""

import json
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.cli.operator import recorded
from tests.lambdas.fakes.outcomes import V2
from tidegate_cli import main
from tidegate_cli.operator import commands
from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.history_view import history_parts


def _invoke(monkeypatch: pytest.MonkeyPatch, aws: Any, *arguments: str) -> Any:
    monkeypatch.setattr(commands, "Aws", lambda **_: aws)
    where = ["--service", "digits", "--environment", "production"]
    return CliRunner().invoke(main.app, ["history", *arguments, *where])


def test_a_rollout_is_summed_up_from_its_log() -> None:
    past = PastRollout.of(recorded.run_of(recorded.failed()))
    assert (past.version, past.outcome, past.highest_percent) == ("v2", "ROLLED_BACK", 10)
    assert (past.served.requests, past.served.bad) == (600, {"5xx": 30, "model_errors": 0})
    assert past.ended_at is not None
    assert past.seconds == past.ended_at - past.started_at
    assert past.reason.startswith("5xx: 30 of 600")


def test_a_bucket_that_was_recorded_twice_counts_once() -> None:
    service = recorded.failed()
    judged = service.ledger.bodies("JUDGED")[0]
    service.ledger.entries.append((V2, "JUDGED", {**judged, "at": judged["at"] + 1}))
    assert PastRollout.of(recorded.run_of(service)).served.requests == 600


def test_the_newest_rollouts_come_first_and_not_more_than_asked_for(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        aws.run(f"v{number}-x", status="PROMOTED", started_at=1000.0 + number, ended_at=2000.0)
    ids = [each["rollout_id"] for each in json.loads(_invoke(monkeypatch, aws, "--json").stdout)]
    assert ids == [f"v{number}-x" for number in range(11, 1, -1)]
    two = json.loads(_invoke(monkeypatch, aws, "--json", "--limit", "2").stdout)
    assert [each["rollout_id"] for each in two] == ["v11-x", "v10-x"]


def test_the_logs_of_rollouts_with_like_names_are_kept_apart(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, percent in (("v3-x", 5), ("v3-xy", 25)):
        aws.run(name)
        aws.log(name, 1400, "SHIFTED", step=0, weight_percent=percent)
    shares = {
        each["rollout_id"]: each["highest_percent"]
        for each in json.loads(_invoke(monkeypatch, aws, "--json").stdout)
    }
    assert shares == {"v3-x": 5, "v3-xy": 25}


def test_the_table_names_outcome_reason_share_and_counts(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.items = recorded.items_of(recorded.failed())
    done = _invoke(monkeypatch, aws)
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    for expected in ("ROLLED_BACK", "10 %", "600", "30 5xx", "16 min"):
        assert expected in words


def test_a_narrow_terminal_gets_blocks_of_whole_words() -> None:
    past = PastRollout.of(recorded.run_of(recorded.failed()))
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for part in history_parts([past], width=80):
        console.print(part)
    text = " ".join(console.export_text().split())
    assert text.startswith(f"{V2} ROLLED_BACK 2023-11-14 22:14:00Z to 2023-11-14 22:30:05Z, 16 min;")
    assert "at most 10 %; 600 requests, bad: 30 5xx 5xx: 30 of 600 candidate" in text


def test_a_rollout_in_flight_has_no_end_and_no_duration(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v3-x")
    (past,) = json.loads(_invoke(monkeypatch, aws, "--json").stdout)
    assert (past["outcome"], past["ended_at"], past["seconds"]) == ("RUNNING", None, None)
    assert _invoke(monkeypatch, aws).exit_code == 0


def test_before_the_first_rollout_there_is_nothing_to_list_and_that_is_no_error(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _invoke(monkeypatch, aws)
    assert (done.exit_code, done.stdout) == (0, "no rollout of digits-production yet\n")
    assert json.loads(_invoke(monkeypatch, aws, "--json").stdout) == []


def test_rejects_a_limit_below_one(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _invoke(monkeypatch, aws, "--limit", "0").exit_code == 2
