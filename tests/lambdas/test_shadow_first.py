"""Whole rollouts that begin with a shadow: copies of requests are judged, and answered to nobody."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome, rolled_back
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.plans import PLAN, SHADOW_PHASE
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied
from tidegate_runtime.ports import CANDIDATE, LIVE, SHADOW, Execution

MIRRORING = replace(PLAN, shadow=SHADOW_PHASE)


def mirroring() -> Service:
    service = Service()
    service.plan = MIRRORING
    service.deployed()
    return service


def reached(service: Service, kind: str) -> Service:
    service.approve(2)
    service.run(until=lambda: kind in service.ledger.kinds(V2))
    return service


def test_a_good_shadow_becomes_a_candidate_and_is_promoted() -> None:
    service = reached(mirroring(), "PREPARED")
    kinds = service.ledger.kinds(V2)
    assert [kind for kind in kinds if kind != "JUDGED"][-4:] == [
        "CHECKED",
        "SHADOWING",
        "SHADOWED",
        "PREPARED",
    ]
    assert service.highest_share == 0
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.endpoint.view().shadows == ()
    assert service.endpoint.served_by(LIVE) == package(2)


def test_a_shadow_is_the_one_beside_the_one_production_variant_with_its_share() -> None:
    service = reached(mirroring(), "SHADOWING")
    view = service.endpoint.view()
    assert [variant.name for variant in view.variants] == [LIVE]
    (shadow,), live = view.shadows, view.variant(LIVE)
    assert shadow.name == SHADOW
    assert live is not None
    assert shadow.weight == live.weight * 0.5
    assert shadow.instances == live.instances
    assert service.endpoint.served_by(SHADOW) == package(2)


def test_the_copies_are_judged_beside_all_of_lives_requests() -> None:
    service = reached(mirroring(), "SHADOWED")
    (judged,) = service.ledger.bodies("JUDGED")
    assert (judged["phase"], judged["weight_percent"], judged["verdict"]) == ("SHADOWING", 0, "PASS")
    (bucket,) = judged["buckets"]
    assert bucket["candidate"]["requests"] == 3_000
    assert bucket["live"]["requests"] == 6_000


def test_nothing_that_was_copied_counts_as_evidence_in_the_steps() -> None:
    service = reached(mirroring(), "SHIFTED")
    service.run(until=lambda: "NEXT_STEP" in str(service.ledger.bodies("JUDGED")) or len(_steps(service)) > 0)
    first = _steps(service)[0]
    (signal,) = [signal for signal in first["signals"] if signal["name"] == "5xx"]
    answered = sum(bucket["candidate"]["requests"] for bucket in first["buckets"])
    assert signal["candidate_requests"] == first["step_requests"] == answered == 600


def test_a_bad_shadow_is_stopped_and_touches_no_user() -> None:
    service = mirroring()
    service.metrics.rates[package(2)] = 0.05
    rolled_back(service)
    assert service.highest_share == 0
    assert "PREPARED" not in service.ledger.kinds(V2)
    judged = service.ledger.bodies("JUDGED")[-1]
    assert (judged["phase"], judged["verdict"]) == ("SHADOWING", "FAIL")
    assert service.endpoint.view().shadows == ()


def test_an_error_that_both_have_in_common_does_not_stop_a_shadow() -> None:
    service = mirroring()
    service.metrics.rates = {package(1): 0.05, package(2): 0.05}
    reached(service, "SHADOWED")


@pytest.mark.parametrize(("policy", "ends"), [("roll_back", "ROLLED_BACK"), ("needs_human", "NEEDS_HUMAN")])
def test_a_shadow_without_traffic_ends_by_the_policy_and_never_goes_on(policy: str, ends: str) -> None:
    service = mirroring()
    service.plan = replace(MIRRORING, on_no_data=policy)
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    assert outcome(service) == ends
    assert service.ledger.bodies("JUDGED")[-1]["verdict"] == "NO_DATA"
    assert service.highest_share == 0


def test_too_few_copies_are_inconclusive() -> None:
    service = mirroring()
    service.metrics.requests_per_second = 0.1
    rolled_back(service)
    assert service.ledger.bodies("JUDGED")[-1]["verdict"] == "INCONCLUSIVE"


def test_a_shadow_whose_container_does_not_start_is_noticed_though_the_endpoint_is_in_service() -> None:
    service = mirroring()
    service.endpoint.broken = {package(2)}
    rolled_back(service)
    assert "UpdateRolledBack" in service.ledger.runs[V2].body["reason"]
    assert "SHADOWING" not in service.ledger.kinds(V2)


def test_a_candidate_that_does_not_start_after_its_shadow_passed_is_noticed_too() -> None:
    service = reached(mirroring(), "SHADOWED")
    service.endpoint.broken = {package(2)}
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "UpdateRolledBack" in service.ledger.runs[V2].body["reason"]
    assert service.highest_share == 0
    assert_back_on_baseline(service)


@pytest.mark.parametrize("kind", ["SHADOWING", "SHADOWED"])
def test_an_operator_stops_a_rollout_in_its_shadow(kind: str) -> None:
    service = reached(mirroring(), kind)
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.highest_share == 0
    assert_back_on_baseline(service)
    assert service.endpoint.view().shadows == ()


def test_an_abort_while_the_shadow_becomes_a_candidate_waits_for_the_endpoint() -> None:
    service = reached(mirroring(), "SHADOWED")
    service.run(until=lambda: service.endpoint.view().status == "Updating")
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.highest_share == 0
    assert_back_on_baseline(service)


def test_an_aborted_execution_in_the_shadow_leads_to_the_rollback() -> None:
    service = reached(mirroring(), "SHADOWING")
    service.executions.views[OUT, V2] = Execution(status="ABORTED")
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


@pytest.mark.parametrize("down", ["dynamodb", "events", "scaling", "states", "cloudwatch"])
def test_the_rollback_of_a_shadow_needs_none_of_the_services_beside_it(down: str) -> None:
    service = reached(mirroring(), "SHADOWING")
    service.abort(V2)
    service.world.faults.down = {down}
    service.run(seconds=3_000)
    view = service.endpoint.view()
    assert (view.config_name, view.shadows, view.variant(CANDIDATE)) == (service.stack.config, (), None)


def test_a_configuration_that_is_refused_moves_nothing() -> None:
    service = mirroring()
    service.world.faults.before["sagemaker.update"] = [Denied("AccessDenied")]
    rolled_back(service)
    assert service.highest_share == 0


def test_weights_that_somebody_changes_in_the_shadow_stop_the_rollout() -> None:
    service = reached(mirroring(), "SHADOWING")
    view = service.endpoint.cloud.view
    assert view is not None
    changed = tuple(replace(shadow, weight=1.0, desired_weight=1.0) for shadow in view.shadows)
    service.endpoint.cloud.view = replace(view, shadows=changed)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "UnexpectedConfig" in service.ledger.runs[V2].body["reason"]


def test_instances_that_scaling_added_in_the_shadow_are_there_beside_the_candidate() -> None:
    service = reached(mirroring(), "SHADOWING")
    service.endpoint.change_count(LIVE, 5)
    service.run(until=lambda: "PREPARED" in service.ledger.kinds(V2))
    live = service.endpoint.view().variant(LIVE)
    assert live is not None
    assert live.desired_instances == 5
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_deploy_that_takes_the_shadow_phase_away_meanwhile_stops_the_rollout() -> None:
    service = reached(mirroring(), "SHADOWING")
    service.plan = PLAN
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "PlanInvalid" in service.ledger.runs[V2].body["reason"]
    assert service.highest_share == 0


def test_rejects_the_first_step_while_the_plan_wants_a_shadow_first() -> None:
    service = Service().deployed()
    reached(service, "PREPARED")
    service.plan = MIRRORING
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "EvidenceMissing" in service.ledger.runs[V2].body["reason"]
    assert service.highest_share == 0


def _steps(service: Service) -> list[dict]:  # type: ignore[type-arg]
    return [body for body in service.ledger.bodies("JUDGED") if body["phase"] == "STEPPING"]
