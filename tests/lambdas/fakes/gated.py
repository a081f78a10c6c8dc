"""Services whose plans have gates and hooks, and the places that a rollout comes to."""

from dataclasses import replace

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.users import APPROVER
from tidegate_runtime.orders import Orders
from tidegate_runtime.plan_gates import StepGate

WAIT = 4 * 3600
"""How long a gate waits at most."""

MANUAL = StepGate(max_wait_seconds=WAIT)
WEBHOOK = StepGate(max_wait_seconds=WAIT, function_arn=APPROVER)


def with_gates(*gates: StepGate | None) -> Service:
    """Return a service with version 1 live, and these gates behind the steps of its plan."""
    service = Service().deployed()
    steps = [replace(step, gate=gate) for step, gate in zip(service.plan.steps, gates, strict=True)]
    service.plan = replace(service.plan, steps=tuple(steps))
    return service


def with_hooks(*hooks: tuple[str, str]) -> Service:
    """Return a service with version 1 live, and these functions before and after its steps."""
    service = Service().deployed()
    steps = [
        replace(step, before=before, after=after)
        for step, (before, after) in zip(service.plan.steps, hooks, strict=True)
    ]
    service.plan = replace(service.plan, steps=tuple(steps))
    return service


def at_the_gate(service: Service, *, step: int = 0) -> Service:
    """Approve version 2, and go on until it waits with a token at the gate behind a step."""
    if not service.executions.inputs:
        service.approve(2)
    service.run(until=lambda: is_at_gate(service, step=step))
    assert is_at_gate(service, step=step)
    return service


def is_at_gate(service: Service, *, step: int = 0) -> bool:
    """Tell whether version 2 waits at the gate behind a step."""
    run = service.ledger.runs.get(V2)
    gate = Orders.of(run.body).gate_at(step) if run else None
    return gate is not None and not gate.decision and bool(gate.token)


def in_step(service: Service, step: int) -> Service:
    """Approve version 2, and go on until it has the share of a step."""
    if not service.executions.inputs:
        service.approve(2)
    service.run(until=lambda: (V2, step) in shifted(service))
    assert (V2, step) in shifted(service)
    return service


def shifted(service: Service) -> list[tuple[str, int]]:
    """Return which rollouts have got the share of which step."""
    return [(run, body["step"]) for run, kind, body in service.ledger.entries if kind == "SHIFTED"]
