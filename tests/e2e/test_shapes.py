"""Deploys of another shape: scaling is as declared after each, whether it succeeds or not."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.interference import without_rule
from tests.e2e.rest import TRACKED
from tests.e2e.scaling import Scaling, scaling_alarms
from tests.e2e.world import World
from tidegate_cli.operator.controller import stack_outputs
from tidegate_cli.rehearsal.cdk import Ran

pytestmark = pytest.mark.e2e

_APP: Final = Path(__file__).with_name("shapes_app.py")
_SMALL: Final = "ml.m5.large"
_LARGE: Final = "ml.c5.xlarge"
_LIVE: Final = {
    "policies": ["burst", "invocations"],
    "schedules": ["morning"],
    "alarms": ["burst"],
    "bounds": (1, 4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The world at rest after a deploy.

    Attributes:
        ran: The CLI's run.
        stack: Status of the hosting stack.
        types: Instance types by variant.
        counts: Instances by variant.
        scaling: What is registered, by variant.
        answers: What callers were told during the deploy and afterwards.

    """

    ran: Ran
    stack: str
    types: dict[str, str]
    counts: dict[str, int]
    scaling: Scaling
    answers: set[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One deploy after the other, and the alarms that are left at the end."""

    two: Seen
    changed: Seen
    endpoint_fails: Seen
    later_fails: Seen
    removed: Seen
    alarms: list[str]


@pytest.fixture(scope="module")
def story(world: World) -> Iterator[Story]:
    shapes = _assemblies(world)
    two = _deploy(world, shapes / "two", {"live": _LIVE, "second": TRACKED})
    # As a scaler does: an instance more than it is created with.
    world.set_instances(2)
    yield Story(
        two=two,
        changed=_deploy(world, shapes / "changed", {"live": _LIVE, "third": TRACKED}),
        endpoint_fails=_deploy(world, shapes / "broken", {"live": _LIVE, "third": TRACKED}),
        later_fails=_deploy(world, shapes / "late", {"live": _LIVE, "third": TRACKED}),
        removed=_deploy(world, world.synths["changed"].wait(), {"live": TRACKED}),
        alarms=list(scaling_alarms(world.stage.aws, world.endpoint)),
    )
    world.require_rest()


def _assemblies(world: World) -> Path:
    foundation = stack_outputs(world.stage.aws, world.stage.service.stack("foundation"))
    # Approved behind the controller's back: CloudFormation makes models of approved versions only.
    broken = world.register(loads=False)
    with without_rule(world, "Approval"):
        world.registry.approve(broken)

    def shape(variants: Mapping[str, str], *, package: str = "", fails: bool = False) -> dict[str, Any]:
        return {
            "stack": world.controller.hosting_stack,
            "endpoint": world.endpoint,
            "pointer": world.controller.pointer,
            "role": foundation["ExecutionRole"],
            "package": package,
            "variants": variants,
            "fails": fails,
        }

    shapes = {
        "two": shape({"live": _SMALL, "second": _SMALL}),
        "changed": shape({"live": _LARGE, "third": _SMALL}),
        "broken": shape({"live": _SMALL, "fourth": _SMALL}, package=broken),
        "late": shape({"live": _SMALL, "fourth": _SMALL}, fails=True),
    }
    folder = world.stage.work / "shapes"
    subprocess.run([sys.executable, str(_APP), str(folder), json.dumps(shapes)], check=True, timeout=60)
    return folder


def _deploy(world: World, assembly: Path, expected: Scaling) -> Seen:
    """Deploy, wait until scaling is as expected, and return what there is then."""
    with world.traffic(rate=20.0) as traffic:
        ran = world.stage.cdk.try_deploy(assembly, world.controller.hosting_stack)
        world.wait_until(f"scaling is {expected}", lambda: world.scaling() == expected)
        world.wait_until("the record is cleared", lambda: not _recorded(world))
    variants = world.stage.aws.sagemaker.describe_endpoint(EndpointName=world.endpoint)["ProductionVariants"]
    return Seen(
        ran=ran,
        stack=world.stack_status(),
        types=_types(world),
        counts={one["VariantName"]: one["CurrentInstanceCount"] for one in variants},
        scaling=world.scaling(),
        answers=set(traffic.answers),
    )


def _types(world: World) -> dict[str, str]:
    sagemaker = world.stage.aws.sagemaker
    config = sagemaker.describe_endpoint(EndpointName=world.endpoint)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    return {one["VariantName"]: one["InstanceType"] for one in variants}


def _recorded(world: World) -> bool:
    key = {"endpoint": {"S": world.endpoint}, "entry": {"S": "SCALING"}}
    return "Item" in world.stage.aws.dynamodb.get_item(
        TableName=world.controller.ledger, Key=key, ConsistentRead=True
    )


def test_scaling_of_every_kind_is_attached_with_its_alarm(story: Story) -> None:
    assert (story.two.ran.status, story.two.ran.told) == (0, "")
    assert story.two.scaling == {"live": _LIVE, "second": TRACKED}


def test_a_deploy_changes_the_instance_type_of_a_scaled_variant_and_renames_another(story: Story) -> None:
    assert (story.changed.ran.status, story.changed.ran.told) == (0, "")
    assert story.changed.types == {"live": _LARGE, "third": _SMALL}
    assert story.changed.scaling == {"live": _LIVE, "third": TRACKED}


def test_a_change_of_the_instance_type_keeps_the_count_that_the_scaler_chose(story: Story) -> None:
    assert story.two.counts == {"live": 1, "second": 1}
    assert story.changed.counts == {"live": 2, "third": 1}


@pytest.mark.parametrize("which", ["endpoint_fails", "later_fails"])
def test_a_deploy_that_fails_behind_the_guard_ends_with_shape_scaling_and_counts_of_before(
    story: Story, which: str
) -> None:
    seen: Seen = getattr(story, which)
    assert seen.ran.status == 1
    assert seen.stack == "UPDATE_ROLLBACK_COMPLETE"
    assert seen.types == story.changed.types
    assert seen.scaling == story.changed.scaling
    assert seen.counts == story.changed.counts


def test_the_deploys_failed_where_they_were_meant_to(story: Story) -> None:
    assert "rolled back" in story.endpoint_fails.ran.told
    assert "Value '[]' at 'ProductionVariants'" in story.later_fails.ran.told


def test_a_deploy_removes_a_scaled_variant_and_what_is_not_declared_any_more(story: Story) -> None:
    assert (story.removed.ran.status, story.removed.ran.told) == (0, "")
    assert story.removed.types == {"live": _SMALL}
    assert story.removed.scaling == {"live": TRACKED}
    assert story.alarms == []


def test_the_endpoint_answers_throughout(story: Story) -> None:
    deploys = (story.two, story.changed, story.endpoint_fails, story.later_fails, story.removed)
    assert [seen.answers for seen in deploys] == [{"OK"}] * len(deploys)
