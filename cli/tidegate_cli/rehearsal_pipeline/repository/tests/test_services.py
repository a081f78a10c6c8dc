"""The tests of this repository: quick, and run by the pipeline before anything is synthesized."""

import json
from pathlib import Path

from stacks.fields.managed import ManagedService
from stacks.service_files import load_folder

ROOT = Path(__file__).parents[1]
DEPLOYMENTS = [one.of(ManagedService) for one in load_folder(ROOT / "services").deployments]


def test_every_new_version_begins_with_a_small_share_of_the_traffic() -> None:
    for deployment in DEPLOYMENTS:
        first = deployment.service.rollout.steps[0]
        assert first.weight_percent <= 25, f"{deployment.name} begins with {first.weight_percent} %"


def test_what_is_deployed_is_what_was_reviewed() -> None:
    found = {
        deployment.name: {
            "account": deployment.environment.account,
            "instance_type": deployment.service.endpoint.instance_type,
            "steps": [step.weight_percent for step in deployment.service.rollout.steps],
        }
        for deployment in DEPLOYMENTS
    }
    assert found == json.loads((ROOT / "tests" / "reviewed.json").read_text())
