"""What a service declares of its traffic is what its rollout is asked at synth."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from tests.stacks.conftest import ROOT, context


@pytest.mark.parametrize(
    ("needs", "warned"),
    [
        ("", False),
        ("needs: {requests_per_second: 200, base_error_rate: 0.005}", False),
        ("needs: {requests_per_second: 5, base_error_rate: 0.005}", True),
        ("needs: {base_error_rate: 0.005}", False),
    ],
)
def test_a_step_that_cannot_see_at_the_declared_traffic_is_warned_of(
    needs: str, warned: bool, tmp_path: Path
) -> None:
    found = _warnings(needs, tmp_path, "tidegate:step-cannot-see")
    assert bool(found) is warned


def _warnings(needs: str, folder: Path, rule: str) -> list[Any]:
    services = ROOT / "services"
    for name in ("digits", "environments"):
        text = (services / f"{name}.yaml").read_text(encoding="utf-8")
        (folder / f"{name}.yaml").write_text(text + (f"{needs}\n" if name == "digits" else ""))
    app = App(context=context(), outdir=str(folder / "out"))
    define_stacks(app, load_deployments(folder))
    stack: Any = app.node.find_child("digits-rehearsal-controller")
    return Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(rule))
