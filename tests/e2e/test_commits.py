"""A commit that changes neither shape nor model is deployed without an operation on anything that serves."""

import json
from dataclasses import dataclass
from typing import Final

import pytest

from tests.e2e.change_sets import events
from tests.e2e.rest import Rest
from tests.e2e.world import World
from tidegate_cli.rehearsal.cdk import Ran

pytestmark = pytest.mark.e2e

FIRST: Final = "1111111111111111111111111111111111111111"
_ROOT: Final = "arn:aws:iam::000000000000:root"
SECOND: Final = "2222222222222222222222222222222222222222"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """The second of two commits: its deploys, the events of hosting, its output and rest before and after."""

    ran: tuple[Ran, ...]
    touched: frozenset[str]
    outputs: tuple[str, str]
    rests: tuple[Rest, Rest]


@pytest.fixture(scope="module")
def commits(world: World) -> Commits:
    """Deploy a first commit and, with nothing else changed, a second one."""
    cdk, services, hosting = world.stage.cdk, world.stage.service.folder, world.controller.hosting_stack
    begun = [
        cdk.begin_synth(services, name=f"commit-{commit[:4]}", context=[f"commit={commit}"])
        for commit in (FIRST, SECOND)
    ]
    first, second = (synth.wait() for synth in begun)
    cdk.deploy(first, hosting)
    before, known = world.stack_output("Commit"), {event["EventId"] for event in events(world)}
    rest = world.require_rest()
    ran = tuple(cdk.try_deploy(second, stack) for stack in (world.controller.stack, hosting))
    new = [event for event in events(world) if event["EventId"] not in known]
    return Commits(
        ran=ran,
        touched=frozenset(event["logical_id"] for event in new),
        outputs=(before, world.stack_output("Commit")),
        rests=(rest, world.require_rest()),
    )


def test_the_output_names_the_commit_that_was_deployed_last(commits: Commits) -> None:
    assert [ran.status for ran in commits.ran] == [0, 0]
    assert commits.outputs == (FIRST, SECOND)


def test_no_resource_of_hosting_is_operated_on(commits: Commits, world: World) -> None:
    assert commits.touched == {world.controller.hosting_stack}
    assert commits.rests[0] == commits.rests[1]


def test_the_way_back_from_the_endpoint_leads_to_commit_approval_checks_and_verdicts(
    commits: Commits, world: World
) -> None:
    sagemaker = world.stage.aws.sagemaker
    package = world.register()
    told = {"tidegate:commit": "1a2b3c", "tidegate:build": "train:8", "tidegate:training-job": "unknown"}
    sagemaker.update_model_package(ModelPackageArn=package, CustomerMetadataProperties=told)
    with world.traffic():
        world.registry.approve(package)
        run = world.wait_for_end(package)
    assert run.status == "PROMOTED"
    recorded = {"lineage": told, "approved_by": _ROOT, "deployed_commit": SECOND}
    assert recorded.items() <= run.body.items()

    done = world.tidegate("lineage", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    (variant, stack) = found["origins"]
    (version, rollout) = variant["origins"]
    assert (version["name"], version["facts"]["changed last by"]) == (package, _ROOT)
    assert [link["name"] for link in version["origins"][:2]] == ["1a2b3c", "train:8"]
    assert rollout["facts"]["into commit"] == stack["origins"][0]["name"] == SECOND
    assert [link["kind"] for link in rollout["origins"]][:3] == ["checks", "step 1", "step 2"]
    assert all(link["name"].endswith(": PASS") for link in rollout["origins"][1:])
    missing = "\n".join(found["missing_links"])
    assert "training job: it cannot be read" in missing
    assert "data version: nothing says it" in missing
    assert "approved by" in world.tidegate("explain", run.rollout_id).stdout
