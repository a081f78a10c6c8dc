from typing import Any

import pytest

from tests.stacks.template_reading import machine


@pytest.mark.parametrize("stack", ["foundation", "controller", "hosting"])
def test_the_template_is_as_reviewed(stack: str, request: pytest.FixtureRequest, snapshot: Any) -> None:
    assert request.getfixturevalue(stack) == snapshot


@pytest.mark.parametrize("name", ["rollout", "rollback"])
def test_the_state_machine_is_as_reviewed(name: str, controller: dict[str, Any], snapshot: Any) -> None:
    assert machine(controller, f"digits-rehearsal-{name}") == snapshot
