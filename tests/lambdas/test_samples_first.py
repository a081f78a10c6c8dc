"""Whole rollouts with declared samples: the candidate answers them well before anybody else asks it."""

from dataclasses import replace

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome, rolled_back
from tests.lambdas.fakes.plans import PLAN, SAMPLES, SHADOW_PHASE
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied, Rejected
from tidegate_runtime.expectations import Answer
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.samples import Sample
from try_samples.logic import BUDGET_SECONDS, PATIENCE_SECONDS


def sampling() -> Service:
    service = Service()
    service.samples = SAMPLES
    return service.deployed()


def reached(service: Service, kind: str) -> Service:
    service.approve(2)
    service.run(until=lambda: kind in service.ledger.kinds(V2))
    return service


def test_a_version_that_answers_all_samples_well_is_promoted() -> None:
    service = reached(sampling(), "SHIFTED")
    assert service.invoker.asked == [(package(2), sample.name) for sample in SAMPLES]
    (sampled,) = service.ledger.bodies("SAMPLED")
    assert (sampled["verdict"], sampled["sampled"], sampled["samples"]) == ("PASS", 3, 3)
    assert service.ledger.kinds(V2).index("PREPARED") < service.ledger.kinds(V2).index("SAMPLED")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_version_that_answers_a_sample_wrongly_goes_back_with_the_sample_and_the_complaint() -> None:
    service = sampling()
    service.invoker.wrong = {package(2)}
    rolled_back(service)
    assert service.highest_share == 0
    reason = service.ledger.runs[V2].body["reason"]
    assert reason.startswith("sample 'usual': ")
    assert "7" in reason
    assert service.ledger.bodies("SAMPLED")[-1]["verdict"] == "FAIL"
    assert "SHIFTED" not in service.ledger.kinds(V2)


def test_a_version_that_is_still_warming_up_is_waited_for() -> None:
    service = reached(sampling(), "PREPARED")
    service.invoker.warm_at = service.world.time + 600
    service.run()
    assert outcome(service) == "PROMOTED"
    (first, *_, last) = service.ledger.bodies("SAMPLED")
    assert (first["verdict"], last["verdict"]) == ("CONTINUE", "PASS")
    assert "sample 'usual': ModelNotReadyException" in first["reason"]
    assert 600 <= last["at"] - first["at"] <= 620


def test_a_version_that_never_warms_up_goes_back_in_a_bounded_time() -> None:
    service = sampling()
    service.invoker.warm_at = float("inf")
    rolled_back(service)
    reason = service.ledger.runs[V2].body["reason"]
    assert f"not all samples are answered after {PATIENCE_SECONDS} s: sample 'usual': ModelNotReady" in reason
    told = service.ledger.bodies("SAMPLED")
    assert told[-1]["at"] - told[0]["at"] <= PATIENCE_SECONDS + 20
    assert service.highest_share == 0


def test_slow_samples_are_asked_over_several_calls_none_of_which_outlasts_the_function() -> None:
    service = sampling()
    service.invoker.answer_seconds = BUDGET_SECONDS + 2
    reached(service, "SHIFTED")
    assert [body["sampled"] for body in service.ledger.bodies("SAMPLED")] == [1, 2, 3]
    assert len(service.invoker.asked) == len(SAMPLES)


def test_a_slow_answer_is_put_on_record_and_stops_nothing() -> None:
    service = sampling()
    service.invoker.answer_seconds = 6
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    warned = {
        name: said for body in service.ledger.bodies("SAMPLED") for name, said in body["warnings"].items()
    }
    assert set(warned) == {sample.name for sample in SAMPLES}
    assert "should answer within 5000 ms" in warned["usual"][0]


def test_what_the_samples_cost_in_errors_is_never_evidence() -> None:
    """All sample requests count as errors in the candidate's metrics, and the first step does not see one."""
    service = sampling()
    asked = service.invoker.invoke

    def counted_as_errors(variant: str, sample: Sample) -> Answer:
        answer = asked(variant, sample)
        service.metrics.asked_besides[:] = [
            (at, who, True) for at, who, _ in service.metrics.asked_besides
        ] * 100
        return answer

    service.invoker.invoke = counted_as_errors  # type: ignore[method-assign]
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    sampled = service.ledger.bodies("SAMPLED")[-1]["at"]
    for body in service.ledger.bodies("JUDGED"):
        assert all(bucket["start"] > sampled for bucket in body["buckets"])
        assert all(bucket["candidate"]["bad"] == {"5xx": 0, "model_errors": 0} for bucket in body["buckets"])


def test_a_shadow_is_not_asked_samples_and_its_candidate_is() -> None:
    service = sampling()
    service.plan = replace(PLAN, shadow=SHADOW_PHASE)
    reached(service, "SHADOWED")
    assert service.invoker.asked == []
    service.run()
    assert outcome(service) == "PROMOTED"
    assert len(service.invoker.asked) == len(SAMPLES)


def test_a_permission_that_is_missing_moves_no_traffic() -> None:
    for refusal in (Denied("AccessDenied"), Rejected("ValidationError")):
        service = sampling()
        service.world.faults.before["runtime.invoke"] = [refusal]
        rolled_back(service)
        assert service.highest_share == 0


def test_an_operator_stops_a_rollout_that_waits_for_a_warm_up() -> None:
    service = reached(sampling(), "PREPARED")
    service.invoker.warm_at = float("inf")
    service.run(seconds=300)
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_candidate_that_somebody_gives_traffic_is_asked_nothing() -> None:
    service = reached(sampling(), "PREPARED")
    service.endpoint.change_weights({LIVE: 50.0, CANDIDATE: 50.0})
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.invoker.asked == []
    assert "UnexpectedConfig" in service.ledger.runs[V2].body["reason"]


def test_an_endpoint_that_scales_meanwhile_is_waited_for() -> None:
    service = reached(sampling(), "PREPARED")
    service.endpoint.change_count(LIVE, 5)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert len(service.invoker.asked) == len(SAMPLES)
