"""A contest as a service file says it."""

import shutil
from pathlib import Path

import pytest

from stacks.fields.managed import ManagedService
from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles
from tidegate import Contest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "services"
TEXT = (EXAMPLES / "contested.yaml").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLES / "environments.yaml", tmp_path)
    (tmp_path / "contested.yaml").write_text(TEXT)
    return tmp_path


def faults(folder: Path, before: str, after: str) -> list[str]:
    assert before in TEXT
    (folder / "contested.yaml").write_text(TEXT.replace(before, after, 1))
    with pytest.raises(BadFiles) as refusal:
        load_deployments(folder)
    return [fault.partition(": ")[2] for fault in refusal.value.faults]


def test_the_example_is_a_bandit(folder: Path) -> None:
    (deployment,) = load_deployments(folder)
    plan = deployment.of(ManagedService).service.rollout.plan()
    assert [step.contest for step in plan.steps] == [
        None,
        Contest(
            metric="Purchases",
            namespace="Shop",
            floor_percent=10,
            reweigh_minutes=60,
            reward_delay_minutes=15,
        ),
        None,
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("floor_percent: 10", "floor_percent: 50", "contest.floor_percent: must be at most 49, got 50"),
        ("namespace: Shop", "namespace: AWS/X", "contest.namespace: must be one of your own"),
        ("floor_percent: 10, ", "", "contest.reweigh_minutes: needs floor_percent: only a bandit"),
        ("reweigh_minutes: 60", "reweigh_minutes: 4", "contest.reweigh_minutes: must be at least 5, got 4"),
        (
            "reward_delay_minutes: 15",
            "reward_delay_minutes: 60",
            "contest.reward_delay_minutes: must be below reweigh_minutes (60)",
        ),
        ("metric: Purchases", "better: most, metric: Purchases", "contest.better: must be 'more' or 'fewer'"),
        ("metric: Purchases, ", "", "contest.metric: is missing"),
        (
            "max_bake_minutes: 1440",
            "max_bake_minutes: 60",
            "max_bake_minutes: must be longer than reweigh",
        ),
        ("weight_percent: 50", "weight_percent: 91", "weight_percent: must be 10 to 90, between the floors"),
    ],
)
def test_rejects_an_impossible_contest_at_its_line(
    folder: Path, before: str, after: str, message: str
) -> None:
    (fault,) = faults(folder, before, after)
    assert message in fault


def test_rejects_a_contest_at_everything(folder: Path) -> None:
    last = "{weight_percent: 100, min_bake_minutes: 10, max_bake_minutes: 60, min_requests: 500"
    (fault,) = faults(folder, last, f"{last}, contest: {{metric: Sales, namespace: Shop}}")[-1:]
    assert "rollout.steps[2].contest: is not possible at 100 %" in fault


def test_rejects_a_contest_that_is_not_the_step_before_the_last(folder: Path) -> None:
    first = "{weight_percent: 5, min_bake_minutes: 10, max_bake_minutes: 60, min_requests: 500"
    found = faults(folder, first, f"{first}, contest: {{metric: Sales, namespace: Shop}}")
    assert any("rollout.steps[0].contest: must stand in the step before the last" in one for one in found)
