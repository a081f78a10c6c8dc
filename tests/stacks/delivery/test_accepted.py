"""What the sections `delivery` may say."""

from pathlib import Path

import pytest

from stacks.fields.managed import ManagedService
from stacks.service_files import Folder, load_folder
from tests.stacks.conftest import ROOT
from tests.stacks.delivery.conftest import ENVIRONMENTS, WHOLE_SOURCE


@pytest.fixture
def loaded(folder: Path) -> Folder:
    return load_folder(folder)


def test_the_example_delivers_to_four_environments_in_the_order_of_promotion(loaded: Folder) -> None:
    assert loaded.delivery is not None
    assert loaded.delivery.environments == ("dev", "staging", "prod-eu", "prod-us")
    assert loaded.delivery.stage_of("prod-us").name == "production"
    assert loaded.delivery.source.kind == "connection"


def test_each_of_the_three_patterns_has_an_example(loaded: Folder) -> None:
    parts = [
        deployment.of(ManagedService).service.delivery
        for deployment in loaded.deployments
        if deployment.environment_name == "staging"
    ]
    assert sorted(part.pattern for part in parts if part) == ["deploy_code", "deploy_models", "hybrid"]


def test_a_folder_without_the_section_has_no_pipeline() -> None:
    assert load_folder(ROOT / "services").delivery is None


def test_one_environment_by_itself_is_for_the_terminal_and_has_no_pipeline(folder: Path) -> None:
    found = load_folder(folder, only="dev")
    assert found.delivery is None
    assert {one.environment_name for one in found.deployments} == {"dev"}


@pytest.mark.parametrize(
    "source", ["{codecommit: tidegate}", "{s3_bucket: my-bucket, s3_key: a.zip, poll: true}"]
)
def test_codecommit_and_s3_are_sources_too(folder: Path, source: str) -> None:
    path = folder / ENVIRONMENTS
    text = path.read_text().replace(f"source:\n    {WHOLE_SOURCE}", f"source: {source}\n")
    before, _, after = text.partition("  pull_requests:\n")
    path.write_text(f"{before}  notify:{after.partition('  notify:')[2]}")
    found = load_folder(folder).delivery
    assert found is not None
    assert found.source.kind in source


def test_a_type_that_the_table_does_not_know_yet_can_be_acknowledged(folder: Path) -> None:
    path = folder / "promoted.yaml"
    path.write_text(path.read_text().replace("ml.m5.large", "ml.p4de.24xlarge"))
    around = folder / ENVIRONMENTS
    text = around.read_text()
    offers = "deploy_with: bootstrap-roles\n  offers: [ml.p4de.24xlarge]\n"
    around.write_text(text.replace("deploy_with: bootstrap-roles\n", offers))
    assert load_folder(folder).delivery is not None


def test_a_gate_by_endpoint_takes_types_that_are_for_hosting_only(folder: Path) -> None:
    path = folder / "trained-everywhere.yaml"
    path.write_text(path.read_text().replace("    instance_type: ml.m5", "    instance_type: ml.c5"))
    assert load_folder(folder).delivery is not None
