import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run_app(folder: Path, **context: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "constructs"),
        "CDK_VALIDATION": "false",
        "CDK_OUTDIR": str(folder / "out"),
        "CDK_CONTEXT_JSON": str(context).replace("'", '"'),
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_app_synthesizes_from_any_folder(tmp_path: Path) -> None:
    done = run_app(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "out").glob("*.template.json")} == {
        f"digits-rehearsal-{role}.template.json" for role in ("foundation", "controller", "hosting")
    }


def test_rejects_bad_service_files_with_plain_lines_and_status_one(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.yaml").write_text("service: a\nrollouts: 1\n")
    done = run_app(tmp_path, services="mine")
    assert done.returncode == 1
    assert "mine/a.yaml:2: rollouts: unknown field; did you mean 'rollout'?" in done.stderr.splitlines()
    assert "mine/environments.yaml: no such file" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


def test_rejects_an_unknown_environment_of_the_context(tmp_path: Path) -> None:
    done = run_app(tmp_path, environment="nowhere")
    assert done.returncode == 1
    assert "unknown environment 'nowhere'" in done.stderr


def test_the_composition_root_stays_small() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) <= 30


@pytest.mark.parametrize("flag", ["@aws-cdk/core:validateAgainstDefaultRules"])
def test_the_cli_validates_templates(flag: str) -> None:
    assert f'"{flag}": true' in (ROOT / "cdk.json").read_text()


def test_paths_of_constructs_are_no_part_of_templates() -> None:
    """Or a terminal, whose stacks lie in no stage, would update every stack that a pipeline has deployed."""
    assert '"pathMetadata": false' in (ROOT / "cdk.json").read_text()
