"""Other plans for the service `quick`, as changes of its file."""

from collections.abc import Mapping
from typing import Final

from tests.e2e.asked import FUNCTION
from tests.e2e.people import PEOPLE

_SHADOW: Final = "{traffic_percent: 100, min_bake_minutes: 1, max_bake_minutes: 120, min_requests: 30}"
_STEP: Final = "weight_percent: 100, min_bake_minutes: 1, max_bake_minutes: "
_FIRST: Final = "- {weight_percent"
_PATIENT: Final = (
    "on_live_rejected: go_back",
    "on_no_data: needs_human",
    "needs_human: {remind_hours: 1, deadline_hours: 2}",
    f"notify: {PEOPLE}",
)


def _contested(bandit: str = "") -> dict[str, str]:
    contest = f"{{metric: Purchases, namespace: Shop{bandit}}}"
    step = f"{{contest: {contest}, weight_percent: 50, min_bake_minutes: 1, max_bake_minutes: 120"
    return {"  steps:\n": f"  steps:\n    - {step}, min_requests: 30}}\n"}


PLANS: Final[Mapping[str, Mapping[str, str]]] = {
    "careful": {
        "rollout:\n": f"rollout:\n  shadow: {_SHADOW}\n",
        _FIRST: "- {gate: {approval: manual}, weight_percent",
    },
    "impatient": {"on_new_approval: queue": "on_new_approval: supersede", f"{_STEP}120": f"{_STEP}20"},
    "patient": {
        "on_new_approval: queue": "\n  ".join(("on_new_approval: queue", *_PATIENT)),
        f"{_STEP}120": f"{_STEP}20",
    },
    "asking": {
        "rollout:\n": "rollout:\n  samples: samples/quick.yaml\n",
        _FIRST: f"- {{before: {FUNCTION}, after: {FUNCTION}, gate: {{function: {FUNCTION}}}, weight_percent",
    },
    "contested": _contested(),
    "bandit": _contested(", floor_percent: 10, reweigh_minutes: 5"),
}
"""New texts by old ones, by the plan's name."""
