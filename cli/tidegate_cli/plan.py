"""The command `plan`: what a rollout plan sees at a declared traffic, and what it costs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tidegate_cli.command_line import AsJson, make_console, told_in_one_line
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.plan_guardrails import GuardedAnswer
from tidegate_cli.plan_options import (
    BaseErrorRate,
    CandidateInstances,
    DetectProbability,
    Instances,
    InstanceType,
    PlanFile,
    PricePerHour,
    Quota,
    Ratio,
    RequestsPerSecond,
    RewardRate,
    RewardRatio,
    RiskBadAnswers,
    ServiceFile,
    Shortest,
)
from tidegate_cli.plan_source import PlanSource
from tidegate_cli.plan_view import copies_suffice, forecast_view, rollout_yaml

if TYPE_CHECKING:
    from tidegate import DeclaredTraffic, RolloutPlan
    from tidegate.contest_forecast import ContestForecast
    from tidegate.rollout_fleet import RolloutFleet
    from tidegate.rollout_forecast import RolloutForecast
    from tidegate.shortest_plan import Risk


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the user asked about the endpoint's instances."""

    instances: int | None
    candidate_instances: int | None
    instance_type: str | None
    price_per_hour: float | None
    quota: int | None


def plan(
    *,
    base_error_rate: BaseErrorRate = None,
    service_file: ServiceFile = None,
    plan_file: PlanFile = None,
    requests_per_second: RequestsPerSecond = None,
    ratio: Ratio = 3.0,
    reward_rate: RewardRate = None,
    reward_ratio: RewardRatio = 1.1,
    instances: Instances = None,
    candidate_instances: CandidateInstances = None,
    instance_type: InstanceType = None,
    price_per_hour: PricePerHour = None,
    quota: Quota = None,
    shortest: Shortest = False,
    risk_bad_answers: RiskBadAnswers = None,
    detect_probability: DetectProbability = None,
    as_json: AsJson = False,
) -> None:
    """Say what each step of a rollout sees at this traffic, how soon, and what it costs; no AWS is asked."""
    asked = _Asked(
        instances=instances,
        candidate_instances=candidate_instances,
        instance_type=instance_type,
        price_per_hour=price_per_hour,
        quota=quota,
    )
    with told_in_one_line(), _faults_of_the_library():
        source = _source(service_file, plan_file, or_default=shortest)
        traffic = _traffic(source, requests_per_second, base_error_rate, ratio)
        risk = _risk(risk_bad_answers, detect_probability, shortest=shortest)
        answer: _Answer | GuardedAnswer
        if source.plan.is_by_guardrails:
            _refuse_with_guardrails(shortest=shortest, rewards=reward_rate is not None)
            most = instances if instances is not None else source.most_instances or source.instances
            answer = GuardedAnswer.of(source.plan, traffic, instances=most, quota=quota)
        else:
            answer = _Answer.of(source, traffic, asked, risk).with_rewards(reward_rate, reward_ratio)
    answer.show(as_json=as_json)
    if not answer.feasible:
        raise typer.Exit(int(ExitCode.FAILED))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the command found."""

    plan: "RolloutPlan"
    expected: "RolloutForecast"
    fleets: tuple["RolloutFleet", ...]
    searched: bool
    contest: "ContestForecast | None" = None

    @classmethod
    def of(
        cls, source: PlanSource, traffic: "DeclaredTraffic", asked: _Asked, risk: "Risk | None"
    ) -> "_Answer":
        """Compute the answer.

        Raises:
            ValueError: a number is out of range.
            LookupError: no plan keeps the risk.

        """
        from tidegate.rollout_forecast import forecast
        from tidegate.shortest_plan import kept, shortest_plan

        fleets = tuple(_fleets(source, asked))
        found = source.plan if risk is None else shortest_plan(source.plan, traffic, risk)
        expected = forecast(found, traffic)
        if risk is not None and not kept(risk, expected):
            raise LookupError("the plan that was found does not keep the risk by its own forecast")
        return cls(plan=found, expected=expected, fleets=fleets, searched=risk is not None)

    def with_rewards(self, rate: float | None, ratio: float) -> "_Answer":
        """Return the answer with how long the contest needs; without it where no rate of rewards is given.

        Raises:
            CliError: the plan has no contest.

        """
        if rate is None:
            return self
        from tidegate.contest_forecast import Rewards, contest_forecast

        found = contest_forecast(
            self.plan,
            Rewards(rate=rate, ratio=ratio),
            requests_per_second=self.expected.traffic.requests_per_second,
        )
        if found is None:
            raise CliError("--reward-rate goes with a plan that has a contest", ExitCode.USAGE)
        return replace(self, contest=found)

    @property
    def feasible(self) -> bool:
        """Whether each phase can pass and the quota holds the instances."""
        reachable = not self.expected.unreachable and copies_suffice(self.expected, self.plan)
        return reachable and all(fleet.fits is not False for fleet in self.fleets)

    def show(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            typer.echo(json.dumps(self._to_json(), indent=2))
            return
        make_console().print(forecast_view(self.expected, self.plan, self.fleets, self.contest))
        if self.searched:
            typer.echo(f"\n{rollout_yaml(self.plan)}")

    def _to_json(self) -> dict[str, Any]:
        return {
            "forecast": {
                **asdict(self.expected),
                "seen": self.expected.seen,
                "bad_answers": self.expected.bad_answers,
                "unreachable": list(self.expected.unreachable),
            },
            **({} if self.contest is None else {"contest": asdict(self.contest)}),
            "fleets": [fleet.to_json(self.expected) for fleet in self.fleets],
            "plan": json.loads(self.plan.to_json()),
        }


@contextmanager
def _faults_of_the_library() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise CliError(str(error), ExitCode.USAGE) from error
    except LookupError as error:
        raise CliError(str(error)) from error


def _traffic(
    source: PlanSource, requests_per_second: float | None, base_error_rate: float | None, ratio: float
) -> "DeclaredTraffic":
    from tidegate import DeclaredTraffic

    requests = requests_per_second if requests_per_second is not None else source.requests_per_second
    if requests is None:
        raise CliError("give --requests-per-second: no needs.requests_per_second in a file", ExitCode.USAGE)
    rate = base_error_rate if base_error_rate is not None else source.base_error_rate
    if rate is None:
        raise CliError("give --base-error-rate: no needs.base_error_rate in a file", ExitCode.USAGE)
    return DeclaredTraffic(requests_per_second=requests, base_error_rate=rate, ratio=ratio)


def _source(service_file: Path | None, plan_file: Path | None, *, or_default: bool) -> PlanSource:
    if service_file is not None and plan_file is not None:
        raise CliError("give --service-file or --plan, not both", ExitCode.USAGE)
    if service_file is not None:
        return PlanSource.service_file(service_file)
    if plan_file is not None:
        return PlanSource.plan_file(plan_file)
    if not or_default:
        raise CliError("give --service-file, --plan or --shortest", ExitCode.USAGE)
    from tidegate import RolloutPlan

    return PlanSource(plan=RolloutPlan.canary())


def _risk(bad_answers: float | None, detect_probability: float | None, *, shortest: bool) -> "Risk | None":
    if not shortest:
        if bad_answers is not None or detect_probability is not None:
            raise CliError("a risk goes with --shortest only", ExitCode.USAGE)
        return None
    from tidegate.shortest_plan import Risk

    return Risk(bad_answers=bad_answers, detect_probability=detect_probability)


def _refuse_with_guardrails(*, shortest: bool, rewards: bool) -> None:
    if shortest or rewards:
        option = "--shortest" if shortest else "--reward-rate"
        raise CliError(f"{option} does not go with a plan by guardrails: nothing is compared", ExitCode.USAGE)


def _fleets(source: PlanSource, asked: _Asked) -> "list[RolloutFleet]":
    """Return the fleet as declared and, where live is scaled, the largest that it can become."""
    from tidegate.rollout_fleet import RolloutFleet

    given = asked.instances if asked.instances is not None else source.instances
    most = source.most_instances if asked.instances is None else None
    planned = source.plan.candidate_instances
    chosen = asked.candidate_instances if asked.candidate_instances is not None else planned
    counts = [] if given is None else [given, *([most] if most is not None and most > given else [])]
    return [
        RolloutFleet(
            live_instances=count,
            candidate_instances=chosen if chosen is not None else count,
            instance_type=asked.instance_type if asked.instance_type is not None else source.instance_type,
            price_per_hour=asked.price_per_hour,
            quota=asked.quota,
            shadow=source.plan.shadow is not None,
        )
        for count in counts
    ]
