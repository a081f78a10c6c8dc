import pytest

from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal

SIGNAL = Signal("5xx", "Invocation5XXErrors")


@pytest.mark.parametrize("ratio", [0.9, 0.0, float("nan")])
def test_rejects_a_tolerated_ratio_below_one(ratio: float) -> None:
    with pytest.raises(ValueError, match="max_ratio of 5xx must be at least 1"):
        Signal("5xx", "Invocation5XXErrors", max_ratio=ratio)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_rejects_a_tolerated_rate_that_is_no_share(rate: float) -> None:
    with pytest.raises(ValueError, match="max_rate of 5xx must be between 0 and 1"):
        Signal("5xx", "Invocation5XXErrors", max_rate=rate)


@pytest.mark.parametrize("signals", [(), (SIGNAL, SIGNAL)])
def test_rejects_no_signal_or_the_same_twice(signals: tuple[Signal, ...]) -> None:
    with pytest.raises(ValueError, match="signals must have different names and be at least one"):
        JudgeConfig(signals=signals)


@pytest.mark.parametrize("field", ["alpha", "alpha_promote"])
@pytest.mark.parametrize("value", [0.0, 0.51, float("nan")])
def test_rejects_an_error_rate_out_of_range(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} must be above 0 and at most 0.5"):
        JudgeConfig(**{"signals": (SIGNAL,), field: value})  # type: ignore[arg-type]


def test_rejects_a_margin_that_leaves_no_room() -> None:
    with pytest.raises(ValueError, match=r"promote_margin must be above 1, got 1\.0"):
        JudgeConfig(signals=(SIGNAL,), promote_margin=1.0)


def test_threshold_is_the_number_of_signals_over_alpha() -> None:
    config = JudgeConfig(signals=(SIGNAL, Signal("model_errors", "InvocationModelErrors")), alpha=0.01)
    assert config.threshold == 200


def test_margin_lies_beyond_the_tolerated_ratio() -> None:
    config = JudgeConfig(signals=(SIGNAL,), promote_margin=1.5)
    assert config.margin(Signal("slow", "Slow", max_ratio=2.0)) == 3.0


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((-1, 0, 60, 60), "min_requests and min_seconds"),
        ((0, -1, 60, 60), "min_requests and min_seconds"),
        ((0, 0, 60, 0), "bucket_seconds must be at least 1"),
        ((0, 61, 60, 60), "max_seconds must be at least min_seconds"),
        ((0, 0, 0, 60), "max_seconds must be at least min_seconds"),
    ],
)
def test_rejects_requirements_that_cannot_be_met(numbers: tuple[int, int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Requirement(*numbers)
