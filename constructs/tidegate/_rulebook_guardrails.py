"""The rules about SageMaker's native deployment policies, of endpoints and of inference components.

The bounds are those of the API model in botocore; a test compares them.
"""

from collections.abc import Mapping
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate._rulebook import Rule, between

MOST_ALARMS: Final = 10
LONGEST_ALARM_NAME: Final = 255
LONGEST_WAIT_SECONDS: Final = 3600
EXECUTION_TIMEOUT_SECONDS: Final = (600, 28_800)
STEP_PERCENT: Final[Mapping[str, tuple[int, int]]] = {
    "canary": (0, 50),
    "linear": (10, 50),
    "rolling": (5, 50),
}

_BLUE_GREEN: Final = f"{at.API}/API_BlueGreenUpdatePolicy.html"
_ROLLING: Final = f"{at.API}/API_RollingUpdatePolicy.html"
_ROUTING: Final = f"{at.API}/API_TrafficRoutingConfig.html"
_AUTO_ROLLBACK: Final = f"{at.API}/API_AutoRollbackConfig.html"
_CANARY: Final = f"{at.GUIDE}/deployment-guardrails-blue-green-canary.html"
_ALARMS: Final = f"{at.GUIDE}/deployment-guardrails-configuration.html"
_COMPONENT: Final = f"{at.API}/API_InferenceComponentRollingUpdatePolicy.html"
_BOUND: Final = "that is SageMaker's bound"
_STEPS: Final = ", ".join(
    f"{kind} {f'{least} to ' if least else 'at most '}{most} percent"
    for kind, (least, most) in STEP_PERCENT.items()
)

GUARDRAILS: Final[Mapping[str, Rule]] = {
    "guardrail-wait": Rule(f"waits of 0 to {LONGEST_WAIT_SECONDS} s", "", _BLUE_GREEN),
    "guardrail-timeout": Rule(
        f"{EXECUTION_TIMEOUT_SECONDS[0]} to {EXECUTION_TIMEOUT_SECONDS[1]} s", "", _BLUE_GREEN
    ),
    "guardrail-timeout-waits": Rule(
        "longer than one wait a step and the termination wait together",
        "every update would time out and roll back",
        _BLUE_GREEN,
    ),
    "guardrail-rolling-wait": Rule(
        "no termination wait in a rolling policy",
        "each batch ends the instances that it replaces",
        _ROLLING,
    ),
    "capacity-size": Rule("1 instance or more, or 1 to 100 percent", "", f"{at.API}/API_CapacitySize.html"),
    "guardrail-rollback-size": Rule("a rollback size in a rolling policy only", "", _ROLLING),
    "guardrail-step-size": Rule(f"{_STEPS}, and a size for every policy but all at once", "", _ROUTING),
    "canary-below-one-instance": Rule("a step is at least one instance of the fleet", "", _CANARY),
    "guardrail-alarms": Rule(
        f"1 to {MOST_ALARMS} alarms, names of 1 to {LONGEST_ALARM_NAME} characters",
        "without an alarm nothing rolls back, and SageMaker takes no more",
        _AUTO_ROLLBACK,
    ),
    "guardrail-alarm-names": Rule("alarms with different names", "", _AUTO_ROLLBACK),
    "guardrail-alarm-fleet": Rule(
        "alarms on metrics that tell the new fleet from the old one",
        "the metric has no dimension EndpointConfigName: the old fleet would roll its own fix back",
        _ALARMS,
    ),
    "guardrail-alarm-slow": Rule(
        "alarms that fire within one bake", "it could never stop a step in time", _ALARMS
    ),
    "guardrail-alarm-missing-data": Rule(
        "missing data is no alarm", "the new fleet has no data before it gets traffic", _ALARMS
    ),
    "guardrail-plan-steps": Rule(
        "a rollout plan of one step of 100 percent, two steps (canary), or equal steps (linear)",
        "SageMaker knows no other way to move traffic",
        _ROUTING,
    ),
    "guardrail-plan-bake": Rule(
        "one bake for all steps of a rollout plan, neither longer nor shorter, without a count of requests",
        "SageMaker waits so long after each step, whatever was served in it",
        _ROUTING,
    ),
    "guardrail-plan-candidate": Rule(
        "no candidate beside live, and nothing compared with it",
        "the new fleet has the variants and as many instances as the old one, and alarms see it alone",
        at.GUARDRAILS,
    ),
    "guardrail-plan-own": Rule(
        "shares, bakes, signals and the watch of a rollout plan, and nothing else",
        "between its steps SageMaker asks nobody but its alarms",
        _ALARMS,
    ),
    "component-batch": between("batch_percent", 5, 50, _BOUND, _COMPONENT),
    "component-rollback": between("rollback_percent", 5, 100, _BOUND, _COMPONENT),
    "component-wait": between("wait_seconds", 0, LONGEST_WAIT_SECONDS, _BOUND, _COMPONENT),
    "component-timeout": between("timeout_seconds", *EXECUTION_TIMEOUT_SECONDS, _BOUND, _COMPONENT),
    "component-alarms": between("number of alarms", 0, MOST_ALARMS, _BOUND, _COMPONENT),
    "component-timeout-waits": Rule(
        "longer than all waits together", "the update would always time out and go back", _COMPONENT
    ),
}
