"""The Lambda functions of users that a plan calls."""

from aws_cdk import Token

from tidegate._targets import Place
from tidegate.rollout_plan import RolloutPlan


def gate_functions(plan: RolloutPlan) -> list[str]:
    """Return the ARNs of the functions that decide at gates, each once."""
    gates = (step.gate for step in plan.steps if step.gate is not None)
    return _each_once([gate.function_arn for gate in gates])


def hook_functions(plan: RolloutPlan) -> list[str]:
    """Return the ARNs of the functions that are called before and after steps, each once."""
    return _each_once([arn for step in plan.steps for arn in (step.before, step.after)])


def foreign_functions(plan: RolloutPlan, place: Place) -> list[str]:
    """Return what is wrong with functions that the controller could not call from its place."""
    return [
        f"functions of gates and hooks must be in {place.account}, {place.region}, got {arn}"
        for arn in [*gate_functions(plan), *hook_functions(plan)]
        if not Token.is_unresolved(arn) and _is_elsewhere(arn, place)
    ]


def _is_elsewhere(arn: str, place: Place) -> bool:
    region, account = arn.split(":")[3:5]
    known = [(place.region, region), (place.account, account)]
    return any(ours != theirs for ours, theirs in known if not Token.is_unresolved(ours))


def _each_once(arns: list[str | None]) -> list[str]:
    return list(dict.fromkeys(arn for arn in arns if arn is not None))
