from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tidegate.advice import advise
from tidegate.compatibility import Feature, Mode
from tidegate.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A worked case: what is needed, what fits best, and by which rules others do not fit."""

    needs: dict[str, Any]
    best: Mode
    rejected: dict[Mode, str] = field(default_factory=dict)
    condition: str | None = None


CASES: Final = {
    "card payments are scored while the customer waits": Case(
        needs={
            "payload_mb": 0.02,
            "processing_seconds": 0.03,
            "answer_within_seconds": 0.2,
            "requests_per_second": 300,
            "cost": "fastest-answer",
        },
        best=Mode.REAL_TIME,
        rejected={Mode.ASYNC: "advice/answer-time", Mode.BATCH: "advice/answer-time"},
    ),
    "an internal tool is used a few times a day": Case(
        needs={
            "processing_seconds": 0.5,
            "answer_within_seconds": 30,
            "traffic": "rare",
            "requests_per_second": 0.01,
            "cost": "lowest",
        },
        best=Mode.SERVERLESS,
        rejected={Mode.BATCH: "advice/answer-time"},
    ),
    "a web form has bursts": Case(
        needs={
            "processing_seconds": 0.1,
            "answer_within_seconds": 15,
            "traffic": "spiky",
            "requests_per_second": 20,
        },
        best=Mode.SERVERLESS,
    ),
    "bursts need more at once than serverless gives": Case(
        needs={
            "processing_seconds": 0.5,
            "answer_within_seconds": 2,
            "traffic": "spiky",
            "requests_per_second": 1000,
        },
        best=Mode.REAL_TIME,
        rejected={Mode.SERVERLESS: "serverless-concurrency"},
    ),
    "videos take ten minutes each": Case(
        needs={
            "payload_mb": 500,
            "processing_seconds": 600,
            "answer_within_seconds": 1800,
            "traffic": "spiky",
            "requests_per_second": 0.05,
        },
        best=Mode.ASYNC,
        rejected={
            Mode.REAL_TIME: "real-time/processing-time",
            Mode.SERVERLESS: "serverless/payload-size",
            Mode.BATCH: "batch-transform/payload-size",
        },
        condition=None,
    ),
    "phones send pictures of 5 MB": Case(
        needs={
            "payload_mb": 5,
            "processing_seconds": 2,
            "answer_within_seconds": 20,
            "traffic": "spiky",
            "requests_per_second": 3,
        },
        best=Mode.ASYNC,
        rejected={Mode.SERVERLESS: "serverless/payload-size"},
    ),
    "all customers are scored at night": Case(
        needs={
            "payload_mb": 5,
            "processing_seconds": 1,
            "answer_within_seconds": 43_200,
            "traffic": "rare",
            "cost": "lowest",
        },
        best=Mode.BATCH,
    ),
    "each of 200 customers has a small model": Case(
        needs={
            "processing_seconds": 0.05,
            "answer_within_seconds": 15,
            "requests_per_second": 20,
            "models": 200,
            "cost": "lowest",
        },
        best=Mode.MULTI_MODEL,
        rejected={Mode.DIRECT: "advice/containers", Mode.SERIAL: "advice/no-pipeline"},
    ),
    "six language models share GPUs": Case(
        needs={
            "processing_seconds": 2,
            "answer_within_seconds": 5,
            "requests_per_second": 5,
            "models": 6,
            "gpu": True,
        },
        best=Mode.COMPONENTS,
        rejected={
            Mode.SERVERLESS: "serverless/gpu",
            Mode.MULTI_MODEL: "advice/answer-time",
            Mode.DIRECT: "multi-container-direct/gpu",
        },
    ),
    "four models need three different containers": Case(
        needs={"answer_within_seconds": 1, "requests_per_second": 30, "models": 4, "frameworks": 3},
        best=Mode.DIRECT,
        rejected={Mode.MULTI_MODEL: "advice/one-container"},
    ),
    "a GPU model in a VPC is rolled out step by step": Case(
        needs={
            "gpu": True,
            "requests_per_second": 10,
            "features": frozenset({Feature.VPC, Feature.CANARY_BY_WEIGHTS}),
        },
        best=Mode.REAL_TIME,
        rejected={
            Mode.COMPONENTS: "inference-components/canary-by-weights",
            Mode.SERVERLESS: "serverless/vpc",
            Mode.ASYNC: "async/canary-by-weights",
            Mode.BATCH: "batch-transform/canary-by-weights",
        },
    ),
    "text is cleaned, classified and formatted in sequence": Case(
        needs={"requests_per_second": 10, "features": frozenset({Feature.PIPELINE})},
        best=Mode.SERIAL,
        rejected={Mode.DIRECT: "multi-container-direct/inference-pipeline"},
    ),
    "a rarely used model must answer at once": Case(
        needs={"traffic": "rare", "answer_within_seconds": 1, "requests_per_second": 0.1},
        best=Mode.SERVERLESS,
        condition="advice/cold-start",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_worked_case_gets_the_kind_that_fits(case: Case) -> None:
    advice = advise(Workload(**case.needs))
    assert advice.best.mode is case.best, advice.to_json()
    reasons = {one.mode: {finding.rule for finding in one.reasons} for one in advice.rejected}
    assert {mode: rule for mode, rule in case.rejected.items() if rule not in reasons.get(mode, set())} == {}
    if case.condition is not None:
        assert case.condition in {finding.rule for finding in advice.best.conditions}


def test_there_are_at_least_twelve_worked_cases() -> None:
    assert len(CASES) >= 12


def test_every_kind_is_either_a_choice_or_rejected_with_reason_and_source() -> None:
    for case in CASES.values():
        advice = advise(Workload(**case.needs))
        chosen, rejected = {one.mode for one in advice.choices}, {one.mode for one in advice.rejected}
        assert chosen | rejected == set(Mode)
        assert not chosen & rejected
        for one in advice.rejected:
            assert all(finding.reason and finding.source.startswith("https://") for finding in one.reasons)


def test_the_best_has_at_least_as_many_points_as_every_other_choice() -> None:
    for case in CASES.values():
        scores = [choice.score for choice in advise(Workload(**case.needs)).choices]
        assert scores == sorted(scores, reverse=True)


def test_nothing_fits_200_mb_within_a_second() -> None:
    advice = advise(Workload(payload_mb=200, answer_within_seconds=1))
    assert advice.choices == ()
    assert advice.to_json()["best"] is None
    with pytest.raises(LookupError, match="no kind of inference fits"):
        _ = advice.best


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"payload_mb": 0}, "payload_mb must be above 0, got 0"),
        ({"requests_per_second": float("nan")}, "requests_per_second must be above 0, got nan"),
        ({"models": 0}, "models must be at least 1, got 0"),
        ({"frameworks": 2}, r"frameworks must be 1 to models \(1\), got 2"),
        ({"answer_within_seconds": 1, "processing_seconds": 2}, r"at least processing_seconds \(2\), got 1"),
    ],
)
def test_rejects_an_impossible_workload(needs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Workload(**needs)
