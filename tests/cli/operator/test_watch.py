"""`tidegate status --watch` shows a rollout until it ends, and ends as the rollout did."""

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console
from typer.testing import CliRunner

from tidegate_cli import main
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.status import Status
from tidegate_cli.operator.watch import display, watch

if TYPE_CHECKING:
    from tidegate_cli.operator.session import Aws

Then = Callable[[], object]


def _watch(aws: Any, *then: Then, show: Callable[[Status], object] | None = None) -> ExitCode:
    """Watch, and do one thing after each look; a watch that goes on longer is stuck."""
    steps = iter(then)
    real = cast("Aws", aws)
    return watch(
        real,
        Controller.find(real, service="digits", environment="production"),
        show=lambda status: show(status) if show else None,  # type: ignore[arg-type]
        interval_seconds=5,
        sleep=lambda seconds: next(steps)(),  # type: ignore[arg-type]
    )


def _ends(aws: Any, status: str) -> Then:
    def end() -> None:
        aws.items.clear()
        aws.run("v3-x", status=status)

    return end


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PROMOTED", ExitCode.OK),
        ("ROLLED_BACK", ExitCode.ROLLED_BACK),
        ("NEEDS_HUMAN", ExitCode.NEEDS_HUMAN),
        ("SUPERSEDED", ExitCode.SUPERSEDED),
        ("WHATEVER_COMES", ExitCode.FAILED),
    ],
)
def test_the_watch_ends_with_the_rollout_and_the_code_says_how(aws: Any, status: str, code: ExitCode) -> None:
    aws.run("v3-x")
    seen: list[str] = []
    found = _watch(
        aws,
        lambda: None,
        _ends(aws, status),
        show=lambda status: seen.append(status.rollout.status if status.rollout else ""),
    )
    assert found is code
    assert seen == ["RUNNING", "RUNNING", status]


def test_a_rollout_that_has_ended_is_shown_once(aws: Any) -> None:
    aws.run("v3-x", status="ROLLED_BACK")
    assert _watch(aws) is ExitCode.ROLLED_BACK


def test_the_watch_stays_with_its_rollout_when_the_next_one_starts(aws: Any) -> None:
    aws.run("v3-x")

    def next_one() -> None:
        _ends(aws, "PROMOTED")()
        aws.run("v4-y", started_at=2000.0)

    assert _watch(aws, next_one) is ExitCode.OK


def test_rejects_to_watch_where_nothing_was_rolled_out(aws: Any) -> None:
    with pytest.raises(CliError, match="no rollout of digits-production yet") as caught:
        _watch(aws)
    assert caught.value.code is ExitCode.NOTHING_IN_FLIGHT


class _Network:
    """Fails a number of reads."""

    def __init__(self, aws: Any) -> None:
        self.fails = 0
        self._describe = aws.describe_endpoint
        aws.describe_endpoint = self.describe

    def describe(self, **request: str) -> Any:
        if self.fails:
            self.fails -= 1
            raise EndpointConnectionError(endpoint_url="https://nowhere")
        return self._describe(**request)


def test_a_network_that_is_gone_for_a_moment_does_not_end_the_watch(aws: Any) -> None:
    aws.run("v3-x")
    network = _Network(aws)
    nothing: list[Then] = [lambda: None] * 4
    assert _watch(aws, lambda: setattr(network, "fails", 4), *nothing, _ends(aws, "PROMOTED")) is ExitCode.OK


def test_rejects_a_network_that_stays_away(aws: Any) -> None:
    aws.run("v3-x")
    network = _Network(aws)
    nothing: list[Then] = [lambda: None] * 9
    with pytest.raises(CliError, match="AWS could not be reached"):
        _watch(aws, lambda: setattr(network, "fails", 9), *nothing)
    assert network.fails == 4


def test_rejects_the_first_read_that_fails_at_once(aws: Any) -> None:
    aws.run("v3-x")
    _Network(aws).fails = 1
    with pytest.raises(CliError, match="AWS could not be reached"):
        _watch(aws)


def _lines(aws: Any, *then: Then, as_json: bool = False) -> list[str]:
    stream = io.StringIO()
    with display(Console(file=stream, highlight=False, width=140), as_json=as_json) as show:
        _watch(aws, *then, show=show)
    return stream.getvalue().splitlines()


def test_without_a_terminal_a_line_is_printed_whenever_something_has_changed(aws: Any) -> None:
    aws.run("v3-x")
    aws.log("v3-x", 1000, "STARTED")
    lines = _lines(
        aws,
        lambda: None,
        lambda: None,
        lambda: aws.log("v3-x", 1400, "SHIFTED", step=0, weight_percent=5),
        _ends(aws, "PROMOTED"),
    )
    assert len(lines) == 3
    assert "step 1 of 2, 5.0 % to the candidate" in lines[1]
    assert "in this step at least 0 s, at most 0 s" in lines[1]
    assert "v3 PROMOTED" in lines[2]


def test_as_json_each_line_is_a_document(aws: Any) -> None:
    aws.run("v3-x")
    documents = [json.loads(line) for line in _lines(aws, _ends(aws, "PROMOTED"), as_json=True)]
    assert [each["rollout"]["status"] for each in documents] == ["RUNNING", "PROMOTED"]


def test_on_a_terminal_one_table_is_drawn_anew(aws: Any) -> None:
    aws.run("v3-x")
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=140)
    with display(console, as_json=False) as show:
        _watch(aws, _ends(aws, "PROMOTED"), show=show)
    written = stream.getvalue()
    assert "\x1b[2K" in written  # the table before is wiped
    assert "v3-x (PROMOTED)" in written
    assert written.rstrip().endswith("\x1b[?25h")  # the cursor is back


def test_ctrl_c_ends_the_watch_in_one_line_and_says_that_the_rollout_goes_on(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "Aws", lambda **_: aws)
    monkeypatch.setattr(main, "watch", interrupted)
    where = ["--service", "digits", "--environment", "production"]
    done = CliRunner().invoke(main.app, ["status", "--watch", *where])
    assert done.exit_code == 130
    assert done.stderr == "stopped watching; the rollout goes on\n"


def test_the_command_ends_with_the_code_of_the_rollout(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.run("v3-x", status="NEEDS_HUMAN")
    monkeypatch.setattr(main, "Aws", lambda **_: aws)
    where = ["--service", "digits", "--environment", "production"]
    done = CliRunner().invoke(main.app, ["status", "--watch", *where])
    assert done.exit_code == ExitCode.NEEDS_HUMAN
    assert "v3 NEEDS_HUMAN" in done.stdout
