"""The order of birth: controller, approval, hosting."""

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_rejects_hosting_before_the_first_approval_in_one_clear_line_and_deploys_it_after(
    world: World,
) -> None:
    assert world.too_early.status == 1
    (line,) = [each for each in world.too_early.told.split(" | ") if not each.startswith("WARNING")]
    assert world.controller.pointer in line
    assert world.stack_then == ""
    assert world.stack_status().endswith("_COMPLETE")
    world.require_rest()
