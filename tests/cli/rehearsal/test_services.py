"""A rehearsal changes copies of service files, never the user's."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.services import copy_service, with_broken_environment, with_instances

ROOT = Path(__file__).resolve().parents[3]
DIGITS = ROOT / "services" / "digits.yaml"


def test_the_copy_names_the_endpoint_and_its_stacks(tmp_path: Path) -> None:
    copy = copy_service(DIGITS, tmp_path / "services")
    assert copy.endpoint == "digits-rehearsal"
    assert copy.stack("hosting") == "digits-rehearsal-hosting"
    assert copy.instances == 2


def test_another_instance_count_changes_count_and_scaling_and_nothing_else(tmp_path: Path) -> None:
    before = DIGITS.read_text()
    copy = copy_service(DIGITS, tmp_path / "one")
    changed = with_instances(copy, tmp_path / "two", instances=3)
    old, new = YAML().load(DIGITS), YAML().load(changed.folder / "digits.yaml")
    assert changed.instances == new["endpoint"].pop("instances") == 3
    assert new["endpoint"]["scaling"].pop("min") == 3
    old["endpoint"].pop("instances")
    old["endpoint"]["scaling"].pop("min")
    assert new == old
    assert DIGITS.read_text() == before


def test_the_broken_change_touches_the_container_environment_only(tmp_path: Path) -> None:
    copy = copy_service(DIGITS, tmp_path / "one")
    changed = with_broken_environment(copy, tmp_path / "two")
    old, new = YAML().load(DIGITS), YAML().load(changed.folder / "digits.yaml")
    assert dict(new.pop("model")["environment"]) == {"DIGITS_DTYPE": "flaot32"}
    old.pop("model")
    assert new == old


def test_rejects_a_service_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"no such file: .*nothing\.yaml"):
        copy_service(tmp_path / "nothing.yaml", tmp_path / "services")


def test_rejects_a_service_file_without_its_environments_and_says_where_they_belong(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text("service: digits\n")
    with pytest.raises(CliError, match=r"no such file: .*environments\.yaml: a service file lies beside its"):
        copy_service(tmp_path / "digits.yaml", tmp_path / "services")


def test_rejects_a_service_that_has_no_rehearsal_environment(tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("{}\n")
    file = tmp_path / "x.yaml"
    file.write_text("service: x\nenvironments: [production]\nendpoint: {instances: 1}\n")
    with pytest.raises(CliError, match="must list the environment 'rehearsal'"):
        copy_service(file, tmp_path / "copy")


@pytest.mark.parametrize("text", ["", "service: x\n", "a: [1\n", "endpoint: 3\n"])
def test_rejects_a_file_that_is_no_service_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("{}\n")
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(CliError, match="cannot be rehearsed"):
        copy_service(tmp_path / "x.yaml", tmp_path / "copy")


@pytest.mark.parametrize("section", ["serverless: {}", "endpoint: {instances: 2}"])
def test_rejects_a_service_without_a_rollout(section: str, tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("{}\n")
    (tmp_path / "x.yaml").write_text(f"service: x\nenvironments: [rehearsal]\n{section}\n")
    with pytest.raises(CliError, match="cannot be rehearsed: it has no rollout"):
        copy_service(tmp_path / "x.yaml", tmp_path / "copy")
