"""The repository of a rehearsal is one that a customer could have, and each commit is what it claims."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from stacks.service_files import load_folder
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.models import load_data
from tidegate_cli.rehearsal_pipeline.commits import Commit, Commits


@pytest.fixture(scope="module")
def commits() -> Commits:
    return Commits.make(Checkout.find(), load_data())


def read(commit: Commit, path: str) -> Any:
    return YAML(typ="safe").load(commit.files[path].decode())


def stages(commit: Commit) -> list[str]:
    declared = read(commit, "services/environments.yaml")["delivery"]["stages"]
    return [stage["name"] for stage in declared]


def test_the_second_commit_adds_production_to_the_pipeline(commits: Commits) -> None:
    assert stages(commits.first) == ["dev", "staging"]
    assert stages(commits.stages) == ["dev", "staging", "production"]


@pytest.mark.parametrize("name", ["first", "stages", "bad"])
def test_every_commit_is_accepted_as_a_folder_of_service_files(
    commits: Commits, tmp_path: Path, name: str
) -> None:
    folder = getattr(commits, name).write(tmp_path)
    deployed = [one.name for one in load_folder(folder / "services").deployments]
    expected = ["digits-dev", "digits-staging", "digits-prod"]
    assert deployed == expected[: 2 if name == "first" else 3]


def test_only_the_bad_commit_breaks_the_tests_of_the_repository(commits: Commits) -> None:
    reviewed = json.loads(commits.stages.files["tests/reviewed.json"])
    assert reviewed == json.loads(commits.bad.files["tests/reviewed.json"])
    for commit, begins in ((commits.stages, 25), (commits.bad, 100)):
        steps = read(commit, "services/digits.yaml")["rollout"]["steps"]
        assert steps[0]["weight_percent"] == begins
    assert reviewed["digits-prod"]["steps"] == [25, 100]


def test_a_commit_is_a_zip_of_its_files(commits: Commits) -> None:
    with zipfile.ZipFile(io.BytesIO(commits.first.archive())) as archive:
        assert {"app.py", "cdk.json", "tests/test_services.py"} <= set(archive.namelist())
        assert len(archive.read("services/samples/validation.jsonl").splitlines()) == 540
