"""Rollouts that SageMaker's own guardrails carry out: no candidate, alarms instead of a comparison."""

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome, rolled_back
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.plans import BAKE_SECONDS
from tests.lambdas.fakes.sagemaker import UPDATE_SECONDS
from tests.lambdas.fakes.world import only, package
from tidegate_runtime.errors import QuotaExceeded
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import Suspended


def guarded() -> Service:
    return Service().deployed().guarded()


def promoting() -> Service:
    service = guarded()
    service.approve(2)
    service.run(until=lambda: service.endpoint.view().status == "Updating")
    return service


def asked(service: Service) -> str:
    return str(only(service.ledger.bodies("ROLLBACK_REQUESTED"))["source"])


def test_a_good_version_goes_live_through_the_stack_and_is_watched() -> None:
    service = guarded()
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.ledger.kinds(V2) == [
        "STARTED",
        "CHECKED",
        "PROMOTING",
        "PROMOTED",
        "JUDGED",
        "WATCHED",
        "ENDED",
    ]
    view = service.endpoint.view()
    assert (view.config_name, view.variant(CANDIDATE)) == (service.stack.config, None)
    assert service.endpoint.served_by(LIVE) == service.pointer.value == package(2)
    # The stack's update lasts as long as the guardrails bake.
    moved, live = (only(service.ledger.bodies(kind))["at"] for kind in ("PROMOTING", "PROMOTED"))
    assert live - moved >= UPDATE_SECONDS + 2 * BAKE_SECONDS
    assert (
        service.ledger.runs[V2].body["reason"].startswith("SageMaker moved the traffic under its own alarms")
    )


def test_nothing_is_made_beside_live_and_its_count_and_scaling_stay() -> None:
    service = guarded()
    seen: list[bool] = []
    service.approve(2)

    def look() -> bool:
        seen.append(service.scaling.state == Suspended())
        return False

    service.run(until=look)
    assert all(seen)
    assert not [name for name in service.endpoint.cloud.configs if name.startswith("digits")]
    assert {"sagemaker.set_weights", "sagemaker.set_instances", "sagemaker.update"} & set(
        service.world.faults.log
    ) == set()
    assert [variant.desired_instances for variant in service.endpoint.view().variants] == [2]


def test_an_alarm_takes_the_traffic_back_in_silence_and_the_rollout_is_never_promoted() -> None:
    service = guarded()
    service.metrics.rates[package(2)] = 0.05
    rolled_back(service)
    assert "PROMOTED" not in service.ledger.kinds(V2)
    assert asked(service) == "execution"
    assert "StackUpdateFailed" in service.ledger.runs[V2].body["reason"]


def test_a_stack_that_believes_in_the_update_does_not_make_it_promoted() -> None:
    """CloudFormation may call complete what SageMaker took back: the configuration's name decides."""
    service = guarded()
    service.metrics.rates[package(2)] = 0.05
    service.stack.believes = True
    service.approve(2)
    service.run(until=lambda: bool(service.ledger.bodies("ROLLBACK_REQUESTED")))
    service.stack.believes = False
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert "UpdateRolledBack" in service.ledger.runs[V2].body["reason"]


def test_a_container_that_does_not_start_is_rolled_back() -> None:
    service = guarded()
    service.endpoint.broken = {package(2)}
    rolled_back(service)


def test_an_abort_during_the_promotion_waits_for_sagemaker_and_puts_pointer_and_stack_back() -> None:
    service = promoting()
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert asked(service) == "operator"


def test_an_alarm_event_during_the_promotion_ends_the_rollout_once() -> None:
    service = promoting()
    service.metrics.rates[package(2)] = 0.05
    service.alarm()
    service.alarm()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert [name for machine, name in service.executions.inputs if machine == BACK] == [f"rb-{V2}"]


def test_a_version_that_fails_under_watch_loses_its_traffic_before_the_stack_goes_its_steps_back() -> None:
    service = guarded()
    service.approve(2)
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    service.metrics.rates[package(2)] = 0.2
    service.run(until=lambda: bool(service.ledger.bodies("ROLLBACK_REQUESTED")))
    begun = service.world.time
    service.run(until=lambda: service.endpoint.served_by(LIVE) == package(1))
    assert service.world.time - begun < UPDATE_SECONDS + 60
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_traffic_back_that_is_refused_leaves_the_stack_to_bring_the_old_version_back() -> None:
    service = guarded()
    service.approve(2)
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    service.metrics.rates[package(2)] = 0.2
    service.world.faults.before["sagemaker.update"] = [QuotaExceeded("ResourceLimitExceeded")] * 3
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_without_requests_the_alarms_see_nothing_and_the_watch_takes_the_version_back() -> None:
    service = guarded()
    service.metrics.requests_per_second = 0.0
    rolled_back(service)
    assert "PROMOTED" in service.ledger.kinds(V2)


def test_the_executions_of_a_guarded_rollout_are_one() -> None:
    service = guarded()
    service.approve(2)
    service.approve(2)
    service.run()
    assert [name for machine, name in service.executions.inputs if machine == OUT] == [V2]
