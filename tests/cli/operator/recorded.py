"""Ledgers that the controller's own logic wrote, in a world in memory."""

import json
from dataclasses import replace
from typing import Any

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.plans import DOCUMENT, PLAN, SAMPLES, SHADOW_PHASE, contest_plan
from tests.lambdas.fakes.world import package
from tidegate_cli.operator.explain import OF_THE_ROLLOUT, Explanation, explain
from tidegate_cli.operator.ledger import Ledger, Run
from tidegate_cli.operator.lineage import Lineage


def items_of(service: Service) -> list[dict[str, Any]]:
    """Return a service's ledger as DynamoDB holds it."""
    runs = [
        _item(f"RUN#{run.rollout_id}", dict(run.body), status={"S": run.status})
        for run in service.ledger.runs.values()
    ]
    logs = [
        _item(f"LOG#{rollout_id}#{int(body['at'] * 1000):015d}#{kind}", body)
        for rollout_id, kind, body in service.ledger.entries
    ]
    return [*runs, *logs]


def run_of(service: Service, rollout_id: str = V2) -> Run:
    """Return a rollout as the operator's command reads it."""
    run = Ledger.from_items(items_of(service)).find(rollout_id)
    assert run is not None
    return run


def explained(run: Run, plan: dict[str, Any] | None = None) -> Explanation:
    """Explain a rollout by the plan of the fakes."""
    return explain(
        run,
        endpoint="digits",
        plan=DOCUMENT if plan is None else plan,
        source=OF_THE_ROLLOUT,
        lineage=Lineage(package_arn=package(2)),
    )


def promoted() -> Service:
    """A good version, promoted."""
    service = Service().deployed()
    service.metrics.rates = {package(1): 0.002, package(2): 0.002}
    service.approve(2)
    service.run()
    return service


def shadowed() -> Service:
    """A good version that was a shadow first, promoted."""
    service = _mirroring()
    service.metrics.rates = {package(1): 0.04, package(2): 0.002}
    service.approve(2)
    service.run()
    return service


def failed_as_shadow() -> Service:
    """A version that the judge fails on copies of requests."""
    service = _mirroring()
    service.metrics.rates[package(2)] = 0.05
    service.approve(2)
    service.run()
    return service


def failed_samples() -> Service:
    """A version that answers a declared sample wrongly."""
    service = Service()
    service.samples = SAMPLES
    service.deployed()
    service.invoker.wrong = {package(2)}
    service.approve(2)
    service.run()
    return service


def _mirroring() -> Service:
    service = Service()
    service.plan = replace(PLAN, shadow=SHADOW_PHASE)
    return service.deployed()


def failed() -> Service:
    """A version that the judge fails in the first step."""
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.05
    service.approve(2)
    service.run()
    return service


def inconclusive() -> Service:
    """A version whose last step cannot prove anything: its rate is the tolerated one."""
    service = Service().deployed()
    service.metrics.rates = {package(1): 0.009, package(2): 0.009}
    service.metrics.requests_per_second = 20
    service.approve(2)
    service.run()
    return service


def silent() -> Service:
    """A version without traffic."""
    service = Service().deployed()
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    return service


def contested(contest: dict[str, Any], challenger: float, *, seconds: float = 40_000) -> Service:
    """A version that competes with live, which gets a reward for each tenth request."""
    service = Service().deployed()
    service.plan = contest_plan(contest)
    service.metrics.requests_per_second = 20
    service.metrics.rewards = {package(1): 0.1, package(2): challenger}
    service.approve(2)
    service.run(seconds=seconds)
    return service


def aborted() -> Service:
    """A good version that an operator took back."""
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "JUDGED" in service.ledger.kinds(V2))
    service.abort(V2)
    service.run()
    return service


def _item(entry: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"entry": {"S": entry}, "body": {"S": json.dumps(body)}, **more}
