"""Where the command `plan` takes a plan from, and what stands beside it there."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tidegate_cli.failures import CliError, ExitCode

if TYPE_CHECKING:
    from tidegate import RolloutPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSource:
    """A plan, and what else is known of its endpoint.

    Attributes:
        plan: The plan.
        requests_per_second: Declared traffic, if any.
        base_error_rate: Declared share of bad answers, if any.
        instances: Instances of live, if known.
        most_instances: Instances of live when it is scaled out; None without scaling.
        instance_type: Their type, if known.

    """

    plan: "RolloutPlan"
    requests_per_second: float | None = None
    base_error_rate: float | None = None
    instances: int | None = None
    most_instances: int | None = None
    instance_type: str | None = None

    @classmethod
    def service_file(cls, path: Path) -> Self:
        """Read a service file of a checkout, checked as at synth.

        Raises:
            CliError: there is no checkout, the folder has faults, or the service has no rollout.

        """
        _find_checkout()
        try:
            from stacks.fields.managed import ManagedService
            from stacks.service_files import load_deployments
            from stacks.yaml_source import BadFiles
        except ModuleNotFoundError as error:
            raise CliError(
                f"a service file needs a checkout of Tidegate ({error.name} is missing); "
                "give the plan as JSON with --plan",
                ExitCode.USAGE,
            ) from error
        if not path.is_file():
            raise CliError(f"no such file: {path}", ExitCode.USAGE)
        try:
            deployments = load_deployments(path.resolve().parent)
        except BadFiles as error:
            raise CliError(str(error), ExitCode.USAGE) from error
        service = next(one.service for one in deployments if one.service.service == path.stem)
        if not isinstance(service, ManagedService):
            raise CliError(f"{path}: the service has no rollout", ExitCode.USAGE)
        scaling, needs = service.endpoint.scaling, service.needs
        return cls(
            plan=service.rollout.plan(),
            requests_per_second=needs.requests_per_second if needs is not None else None,
            base_error_rate=needs.base_error_rate if needs is not None else None,
            instances=service.endpoint.instances,
            most_instances=scaling.max if scaling is not None else None,
            instance_type=service.endpoint.instance_type,
        )

    @classmethod
    def plan_file(cls, path: Path) -> Self:
        """Read a plan as `RolloutPlan.to_json` writes it, and as the rollout's functions get it.

        Raises:
            CliError: the file is missing, or is no such plan.

        """
        from tidegate import Bake, Gate, RolloutPlan, RolloutStep, ShadowPhase, Signal

        def step_of(raw: dict[str, Any]) -> RolloutStep:
            gate = raw.pop("gate", None)
            return RolloutStep(**raw, gate=None if gate is None else Gate(**gate))

        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            steps = tuple(step_of(_with_contest(step)) for step in raw.pop("steps"))
            watch = Bake(**raw.pop("watch"))
            signals = tuple(Signal(**signal) for signal in raw.pop("signals"))
            first = raw.pop("shadow", None)
            shadow = None if first is None else ShadowPhase(**first)
            return cls(plan=RolloutPlan(steps=steps, watch=watch, signals=signals, shadow=shadow, **raw))
        except OSError as error:
            raise CliError(f"{path} cannot be read: {error.strerror}", ExitCode.USAGE) from error
        except KeyError as error:
            raise CliError(f"{path}: field {error} is missing", ExitCode.USAGE) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise CliError(f"{path} is no rollout plan: {error}", ExitCode.USAGE) from error


def _with_contest(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a step."""
    from tidegate import Contest

    raw = step.get("contest")
    return {**step, "contest": None if raw is None else Contest.from_dict(raw)}


def _find_checkout() -> None:
    """Make the checkout that this code runs from importable; an installed command does not run in it."""
    root = Path(__file__).resolve().parents[2]
    if (root / "stacks" / "service_files.py").is_file() and str(root) not in sys.path:
        sys.path.append(str(root))
