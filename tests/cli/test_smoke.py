"""`tidegate smoke` asks what the pipeline asks, and says which request, what was expected and what came."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from tidegate_cli.main import app
from tidegate_cli.operator.session import Aws

SERVICE = ("--service", "digits", "--environment", "staging")


class Runtime:
    """SageMaker's runtime, which says 7 to everything."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.errors: list[ClientError] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if self.errors:
            raise self.errors.pop(0)
        return {"Body": io.BytesIO(b"[7]"), "ContentType": "application/json"}


def refused(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError(
        {"Error": {"Code": code, "Message": "told"}, "ResponseMetadata": metadata}, "InvokeEndpoint"
    )


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    made = Runtime()
    monkeypatch.setattr(Aws, "runtime", property(lambda _: made))
    monkeypatch.setattr("tidegate_cli.smoke._PAUSE_SECONDS", 0.0)
    return made


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    expected = [{"name": "usual", "body": [1], "expect": {"equals": [7]}}, {"name": "odd", "body": [2]}]
    path = tmp_path / "samples.json"
    path.write_text(json.dumps({"samples": expected}))
    return path


def smoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["smoke", *SERVICE, *arguments])


def test_an_endpoint_that_answers_as_declared_passes(runtime: Runtime, samples: Path) -> None:
    result = smoke("--samples", str(samples))
    assert result.exit_code == 0, result.output
    assert "2 of 2 requests are answered as declared" in result.stdout
    assert [each["EndpointName"] for each in runtime.asked] == ["digits-staging"] * 2
    assert not [each for each in runtime.asked if "TargetVariant" in each]


def test_a_wrong_answer_is_told_with_the_request_the_expectation_and_what_came(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "samples.json"
    path.write_text(json.dumps({"samples": [{"name": "usual", "body": [1], "expect": {"equals": [8]}}]}))
    result = smoke("--samples", str(path))
    assert result.exit_code == 1
    assert "request 'usual': $[0] must be 8, is 7 (expected: status 200, a value)" in result.output
    assert len(runtime.asked) == 1


def test_without_a_file_the_requests_are_those_that_the_service_declares(
    runtime: Runtime, samples: Path, tmp_path: Path
) -> None:
    (tmp_path / "digits.yaml").write_text("service: digits\ndelivery: {smoke: samples.json}\n")
    assert smoke("--services", str(tmp_path)).exit_code == 0
    assert len(runtime.asked) == 2


def test_rejects_a_service_that_declares_none(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text("service: digits\n")
    result = smoke("--services", str(tmp_path))
    assert result.exit_code == 1
    assert "declares no delivery.smoke: give --samples" in result.output
    assert smoke("--services", str(tmp_path / "none")).exit_code == 1
    assert not runtime.asked


def test_a_model_that_is_loading_is_waited_for(runtime: Runtime, samples: Path) -> None:
    runtime.errors = [refused("ModelNotReadyException", 429)] * 3
    result = smoke("--samples", str(samples))
    assert result.exit_code == 0
    assert result.stderr.count("waiting: request 'usual': ") == 3


def test_a_missing_permission_and_a_missing_endpoint_are_told_in_one_line(
    runtime: Runtime, samples: Path
) -> None:
    for code in ("AccessDeniedException", "ValidationError"):
        runtime.errors = [refused(code)]
        result = smoke("--samples", str(samples))
        assert result.exit_code == 1
        assert code in result.output
        assert result.output.count("\n") == 1
