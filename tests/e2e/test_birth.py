"""The order of birth: controller, approval, hosting."""

import pytest

from tests.e2e.birth import Birth

pytestmark = pytest.mark.e2e


def test_rejects_hosting_before_the_first_approval_in_one_clear_line_and_deploys_it_after(
    birth: Birth,
) -> None:
    assert birth.too_early.status == 1
    (line,) = [each for each in birth.too_early.told.split(" | ") if not each.startswith("WARNING")]
    assert birth.world.controller.pointer in line
    assert birth.stack_then == ""
    assert birth.world.stack_status().endswith("_COMPLETE")
    birth.world.require_rest()
