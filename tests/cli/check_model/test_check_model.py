"""`tidegate check-model` with real model processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from tests.cli.check_model.model_folders import ECHO, SCRIPT, archive, folder
from tidegate_cli.check_model.command import require_checkout
from tidegate_cli.failures import CliError
from tidegate_cli.main import app
from tidegate_cli.rehearsal.models import TrainedModel, load_data, train_all

PREDICT: Final = "import os, time, math, subprocess\ndef model_fn(d): pass\ndef predict_fn(data, model): "
SAMPLES: Final = """\
samples:
  - name: one
    body: [1]
"""


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    path = tmp_path / "samples.yaml"
    path.write_text(SAMPLES)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check-model", *map(str, arguments)])


def checks(result: Result) -> dict[str, dict[str, str]]:
    assert result.stdout.startswith("{"), result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return {check["check"]: check for check in document["checks"]}


def asked(
    tmp_path: Path, samples: Path, script: str, *options: object
) -> tuple[Result, dict[str, dict[str, str]]]:
    model = folder(tmp_path / "model", script)
    result = run(model, "--samples", samples, "--json", *options)
    return result, checks(result)


def lives(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        return ") Z " not in state.read_text()
    except OSError:
        return False


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_good_model_passes_and_the_answer_says_that_code_was_run(tmp_path: Path, samples: Path) -> None:
    result = run(folder(tmp_path / "echo"), "--samples", samples)
    assert result.exit_code == 0, result.output
    assert "this runs the model's code" in result.stderr
    assert "keeps the container contract for real-time (16 pass)" in result.stdout
    assert (
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html" in result.stdout
    )


def test_an_archive_that_is_wrong_is_never_run(tmp_path: Path, samples: Path) -> None:
    mark = tmp_path / "ran"
    script = f"open({str(mark)!r}, 'w')\n{ECHO}"
    model = archive(tmp_path / "model.tar.gz", {f"digits/{SCRIPT}": script})
    result = run(model, "--samples", samples, "--json")
    found = checks(result)
    assert (result.exit_code, found["archive: layout"]["status"]) == (1, "fail")
    assert (found["start"]["status"], mark.exists()) == ("not run", False)
    assert "runs the model's code" not in result.stderr


def test_without_samples_only_the_start_is_checked(tmp_path: Path) -> None:
    result = run(folder(tmp_path / "echo"), "--json")
    assert result.exit_code == 0
    assert checks(result)["samples"]["status"] == "warn"


def test_rejects_a_model_that_does_not_load_and_shows_what_it_wrote(tmp_path: Path, samples: Path) -> None:
    model = folder(tmp_path / "model", "def model_fn(d): raise RuntimeError('weights.bin is missing')\n")
    result = run(model, "--samples", samples)
    assert result.exit_code == 1
    assert "RuntimeError: weights.bin is missing" in result.stdout
    assert "The model process wrote:\n" in result.stdout
    assert "Traceback" in result.stdout


def test_rejects_a_model_that_does_not_start_in_time(tmp_path: Path, samples: Path) -> None:
    script = "import time\ndef model_fn(d): time.sleep(60)\n"
    result, found = asked(tmp_path, samples, script, "--startup-timeout", 1)
    assert (result.exit_code, found["start"]["status"]) == (1, "fail")
    assert "did not pass the ping health check within 1 s" in found["start"]["found"]


def test_a_package_that_is_not_here_leaves_the_question_open(tmp_path: Path, samples: Path) -> None:
    result, found = asked(tmp_path, samples, "import no_such_runtime\n")
    assert (result.exit_code, found["start"]["status"]) == (1, "not run")
    assert found["start"]["found"] == "No module named 'no_such_runtime'"


def test_rejects_an_answer_that_is_an_error(tmp_path: Path, samples: Path) -> None:
    result, found = asked(tmp_path, samples, PREDICT + "return math.log(0)\n")
    assert (result.exit_code, found["sample: one"]["status"]) == (1, "fail")
    assert "status must be 200, is 500: 'ValueError" in found["sample: one"]["found"]


def test_a_process_that_ends_fails_its_sample_and_no_other(tmp_path: Path, samples: Path) -> None:
    samples.write_text(SAMPLES.replace("[1]", "die") + "  - name: two\n    body: [2]\n")
    script = PREDICT + "return data\ndef input_fn(b, t): return os._exit(3) if b == b'die' else 1\n"
    result, found = asked(tmp_path, samples, script)
    assert (result.exit_code, found["sample: one"]["status"]) == (1, "fail")
    assert found["sample: one"]["found"] == "the model process ended, or closed the connection"
    assert found["sample: two"]["status"] == "pass"


def test_a_sample_that_is_given_up_is_open_and_spoils_no_other(tmp_path: Path, samples: Path) -> None:
    samples.write_text(SAMPLES + "  - name: two\n    body: 2\n")
    script = PREDICT + "return data if data == 2 else time.sleep(60)\n"
    result, found = asked(tmp_path, samples, script, "--request-timeout", 1)
    assert (result.exit_code, found["sample: one"]["status"]) == (1, "not run")
    assert found["sample: one"]["found"] == "no answer within 1 s"
    assert found["sample: two"]["status"] == "pass"


def test_answers_that_differ_from_process_to_process_are_a_warning(tmp_path: Path, samples: Path) -> None:
    result, found = asked(tmp_path, samples, PREDICT + "return os.getpid()\n")
    assert (result.exit_code, found["a second process"]["status"]) == (0, "warn")
    assert found["requests at once"]["status"] == "pass"


def test_answers_that_depend_on_those_before_are_a_warning(tmp_path: Path, samples: Path) -> None:
    script = "SEEN = []\n" + PREDICT + "return SEEN.append(1) or len(SEEN)\n"
    result, found = asked(tmp_path, samples, script)
    assert (result.exit_code, found["requests at once"]["status"]) == (0, "warn")
    assert found["a second process"]["status"] == "pass"


def test_rejects_a_model_that_fails_when_it_is_asked_again(tmp_path: Path, samples: Path) -> None:
    script = "SEEN = []\n" + PREDICT + "return SEEN.append(1) or 1 // (2 - len(SEEN))\n"
    result, found = asked(tmp_path, samples, script)
    assert (result.exit_code, found["requests at once"]["found"]) == (1, "other status: one")


def test_not_a_number_in_json_is_a_warning(tmp_path: Path, samples: Path) -> None:
    result, found = asked(tmp_path, samples, PREDICT + "return [math.nan]\n")
    assert (result.exit_code, found["sample: one"]["status"]) == (0, "warn")
    assert found["sample: one"]["found"].startswith("NaN is no JSON")


def test_rejects_an_answer_that_serverless_does_not_carry(tmp_path: Path, samples: Path) -> None:
    script = PREDICT + "return 'x' * 5 * 1024**2\n"
    result, found = asked(tmp_path, samples, script, "--kind", "serverless")
    assert (result.exit_code, found["answer size"]["status"]) == (1, "fail")
    assert found["answer size"]["allowed"] == "at most 4 MB for serverless"


def test_rejects_a_request_that_is_too_large_without_sending_it(tmp_path: Path, samples: Path) -> None:
    (tmp_path / "large.bin").write_bytes(bytes(4 * 1024**2 + 1))
    samples.write_text("samples:\n  - {name: large, file: large.bin, content_type: a/b}\n")
    result, found = asked(tmp_path, samples, ECHO, "--kind", "serverless")
    assert (result.exit_code, found["request size"]["status"]) == (1, "fail")
    assert "sample: large" not in found


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted on Linux only")
def test_rejects_a_model_that_uses_more_memory_than_it_may(tmp_path: Path, samples: Path) -> None:
    script = "KEPT = b'x' * 120_000_000\n" + ECHO
    result, found = asked(tmp_path, samples, script, "--memory-mb", 100)
    assert (result.exit_code, found["memory"]["status"]) == (1, "fail")


def test_the_model_sees_the_given_environment_and_none_of_the_users(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    samples.write_text(SAMPLES + "    expect: {equals: [high, null]}\n")
    script = PREDICT + "return [os.environ['LEVEL'], os.environ.get('AWS_SECRET_ACCESS_KEY')]\n"
    result, found = asked(tmp_path, samples, script, "--env", "LEVEL=high")
    assert (result.exit_code, found["sample: one"]["status"]) == (0, "pass"), found["sample: one"]


@pytest.mark.skipif(sys.platform != "linux", reason="process tables are read on Linux only")
def test_nothing_that_the_model_started_is_left(tmp_path: Path, samples: Path) -> None:
    mark = tmp_path / "pid"
    child = "subprocess.Popen(['sleep', '600'], start_new_session=True).pid"
    script = PREDICT + f"return open({str(mark)!r}, 'a').write(str({child}) + chr(10))\n"
    asked(tmp_path, samples, script)
    started = [int(line) for line in mark.read_text().split()]
    assert len(started) > 1
    until(lambda: not any(lives(pid) for pid in started))


@pytest.mark.skipif(sys.platform != "linux", reason="process tables are read on Linux only")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stuck", ["start", "alone", "together"])
def test_an_interrupt_ends_every_process(
    tmp_path: Path, samples: Path, number: signal.Signals, stuck: str
) -> None:
    mark = tmp_path / "pid"
    note = f"open({str(mark)!r}, 'w').write(str(os.getpid()))"
    hang = f"({note}, time.sleep(600))"
    script = {
        "start": f"import os, time\ndef model_fn(d): {hang}\n",
        "alone": PREDICT + f"return {hang}\n",
        "together": "SEEN = []\n" + PREDICT + f"return SEEN.append(1) or (1 if len(SEEN) < 2 else {hang})\n",
    }[stuck]
    command = [sys.executable, "-m", "tidegate_cli", "check-model", str(folder(tmp_path / "model", script))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = subprocess.Popen(
        [*command, "--samples", str(samples)], stderr=subprocess.PIPE, text=True, env=environment
    )
    until(lambda: mark.exists() and mark.read_text() != "")
    child.send_signal(number)
    said = child.communicate(timeout=20)[1]
    assert child.returncode == 128 + number
    assert "interrupted; every process that was started has ended" in said
    assert not lives(int(mark.read_text()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("samples:\n  - name: one\n    bdy: 1\n", "samples.yaml:3: samples[0].bdy: is not known"),
        (
            "samples:\n  - body: 1\n    expect:\n      status: 9\n",
            ":4: samples[0].expect.status: must be 100 to",
        ),
        ("samples:\n  - body: [1\n", "not valid YAML"),
        ("- body: 1\n", ":1: must be a mapping of fields, got a list"),
        ("samples:\n  - file: gone.json\n", ":2: samples[0].file: gone.json cannot be read"),
    ],
)
def test_rejects_a_file_of_samples_with_the_line(tmp_path: Path, samples: Path, text: str, said: str) -> None:
    samples.write_text(text)
    result = run(folder(tmp_path / "echo"), "--samples", samples)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_samples_may_be_json(tmp_path: Path, samples: Path) -> None:
    samples.write_text(json.dumps({"samples": [{"name": "one", "body": {"a": 1}}]}, indent=2))
    assert run(folder(tmp_path / "echo"), "--samples", samples).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nowhere.tar.gz"], 1, "no such file or folder: nowhere.tar.gz"),
        (["nowhere.tar.gz", "--samples", "gone.yaml"], 1, "gone.yaml: no such file"),
        (["nowhere.tar.gz", "--kind", "serverless", "--memory-mb", "1500"], 2, "in steps of 1024, got 1500"),
        (["nowhere.tar.gz", "--env", "LEVEL"], 2, "--env must be NAME=VALUE, got LEVEL"),
    ],
)
def test_rejects_wrong_options_in_one_line(arguments: list[str], status: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_rejects_an_installation_without_the_local_cloud(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="check-model needs a checkout of Tidegate with its local cloud"):
        require_checkout(tmp_path)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[list[float]], tuple[TrainedModel, ...]]:
    data = load_data()
    models = train_all(data, tmp_path_factory.mktemp("models"))
    return [[float(pixel) for pixel in row] for row in data.held_out[0]], models


def test_declared_samples_tell_the_good_digits_model_from_the_broken_one(
    tmp_path: Path, digits: tuple[list[list[float]], tuple[TrainedModel, ...]]
) -> None:
    rows, (_, good, broken) = digits
    blank = broken.expected.index(None)
    shape = {"required": ["predictions"], "properties": {"predictions": {"min_items": 1, "max_items": 1}}}
    document = [
        {"name": name, "body": {"instances": [rows[index]]}, "expect": {"schema": shape}}
        for name, index in (("usual", blank - 1), ("no ink on one side", blank))
    ]
    samples = tmp_path / "samples.json"
    samples.write_text(json.dumps({"samples": document}))
    fine, bad = (run(model.archive, "--samples", samples, "--json") for model in (good, broken))
    assert (fine.exit_code, bad.exit_code) == (0, 1)
    failed = [name for name, check in checks(bad).items() if check["status"] == "fail"]
    assert failed == ["sample: no ink on one side"]
