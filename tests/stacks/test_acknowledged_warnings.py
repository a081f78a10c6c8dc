from pathlib import Path

import pytest
from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles

ROOT = Path(__file__).resolve().parents[2]
DIGITS = (ROOT / "services/digits.yaml").read_text(encoding="utf-8")


def folder_with(tmp_path: Path, *, acknowledge: str) -> Path:
    start, end = DIGITS.index("  scaling:"), DIGITS.index("rollout:")
    text = DIGITS[:start] + acknowledge + DIGITS[end:]
    (tmp_path / "digits.yaml").write_text(text.replace("  instances: 2", "  instances: 1"))
    (tmp_path / "environments.yaml").write_text((ROOT / "services/environments.yaml").read_text())
    return tmp_path


def warnings(folder: Path) -> list[str]:
    app = App(outdir=str(folder / "cdk.out"))
    define_stacks(app, load_deployments(folder))
    messages = app.synth().get_stack_by_name("digits-rehearsal-hosting").messages
    return [str(message.entry.data) for message in messages if "tidegate:" in str(message.entry.data)]


def test_a_service_with_one_instance_is_warned_of(tmp_path: Path) -> None:
    (warning,) = warnings(folder_with(tmp_path, acknowledge=""))
    assert "one-instance" in warning


def test_a_service_file_can_acknowledge_the_warning(tmp_path: Path) -> None:
    accepted = "  acknowledge: {one-instance: the rehearsal needs no second one}\n"
    assert warnings(folder_with(tmp_path, acknowledge=accepted)) == []


def test_rejects_acknowledging_an_unknown_rule_or_without_a_reason(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, acknowledge="  acknowledge: {no-canary: why not}\n")
    with pytest.raises(BadFiles, match=r"endpoint.acknowledge.*must be 'one-instance', got 'no-canary'"):
        load_deployments(folder)
    folder = folder_with(tmp_path, acknowledge="  acknowledge: {one-instance: ''}\n")
    with pytest.raises(BadFiles, match=r"endpoint.acknowledge.one-instance: must not be empty"):
        load_deployments(folder)
