"""Metrics of predictions against labels, each as sums over rows: leaving one row out is a subtraction.

The values are those of scikit-learn's functions of the same names; a test compares them.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

Sums = Mapping[str, float]
"""What a row, or all rows together, add to a metric."""

_CLIP: Final = 1e-15
"""A probability of 0 would make one row outweigh all others, whatever their number."""


class Unusable(ValueError):
    """A label or a prediction that the metric cannot take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        more_is_better: Whether a higher value is the better one.
        parts: What a row of a label and a prediction adds; raises Unusable.
        whole: The value, from the sums of all rows and their number.
        loss: How bad one row is, for counting the rows on which one version is worse than the other.
        check: Raises Unusable for a label that no prediction could be held against.
        bounds: Lowest and highest value that there can be.

    """

    more_is_better: bool
    parts: Callable[[Any, Any], Sums]
    whole: Callable[[Sums, int], float]
    loss: Callable[[Any, Any], float]
    check: Callable[[Any], object]
    bounds: tuple[float, float] = (0.0, 1.0)

    def rows(self, labels: Sequence[Any], predictions: Sequence[Any]) -> list[Sums]:
        """Return what each row adds; raises Unusable with the row's number, from 1."""
        found = []
        for number, (label, prediction) in enumerate(zip(labels, predictions, strict=True), start=1):
            try:
                found.append(self.parts(label, prediction))
            except Unusable as error:
                raise Unusable(f"row {number}: {error}") from error
        return found

    def value(self, rows: Sequence[Sums]) -> float:
        """Return the metric of all rows together."""
        return self.whole(added(rows), len(rows))


def added(rows: Sequence[Sums]) -> dict[str, float]:
    """Return the sums of all rows."""
    total: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            total.setdefault(name, []).append(value)
    return {name: math.fsum(values) for name, values in total.items()}


def _class(value: Any, what: str = "label") -> str:
    """Return a label as one text: 1 and 1.0 are the same, 1 and true and "1" are not."""
    if isinstance(value, str | bool):
        return repr(value)
    if isinstance(value, int | float) and math.isfinite(value):
        return repr(float(value))
    raise Unusable(f"the {what} must be a text, a number or a boolean, got {_shown(value)}")


def _number(value: Any, what: str = "label") -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unusable(f"the {what} must be a finite number, got {_shown(value)}")
    return float(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wrong(label: Any, prediction: Any) -> float:
    return float(_class(label, "label") != _class(prediction, "prediction"))


def _distance(label: Any, prediction: Any) -> float:
    return abs(_number(label, "label") - _number(prediction, "prediction"))


def _surprise(label: Any, prediction: Any) -> float:
    return -math.log(min(max(_probability(label, prediction), _CLIP), 1 - _CLIP))


def _probability(label: Any, prediction: Any) -> float:
    """Return the probability that a prediction gives to the label that is right."""
    if isinstance(prediction, Mapping):
        found = prediction.get(label if isinstance(label, str) else _index_text(label))
    elif isinstance(prediction, list):
        found = _at(prediction, label)
    else:
        yes = _number(prediction, "prediction")
        found = yes if _yes(label) else 1 - yes
    value = _number(found, f"probability of the label {_shown(label)}")
    if not 0 <= value <= 1:
        raise Unusable(f"a probability must be 0 to 1, got {value:g}")
    return value


def _index_text(label: Any) -> str:
    return str(label).lower() if isinstance(label, bool) else f"{label}"


def _at(prediction: list[Any], label: Any) -> Any:
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < len(prediction):
        raise Unusable(
            f"with a list of {len(prediction)} probabilities the label must be an index, got {_shown(label)}"
        )
    return prediction[label]


def _yes(label: Any) -> bool:
    if label in (0, 1):
        return bool(label)
    raise Unusable(f"with one probability the label must be 0 or 1, got {_shown(label)}")


def _counts(label: Any, prediction: Any) -> Sums:
    truth, said = _class(label, "label"), _class(prediction, "prediction")
    return {f"t{truth}": 1.0} if truth == said else {f"n{truth}": 1.0, f"p{said}": 1.0}


def _macro_f1(sums: Sums, _rows: int) -> float:
    """Return the mean of F1 over all classes that were labels or predictions."""
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for name, count in sums.items():
        # A row that was left out leaves zeros behind, and no class that nobody has named.
        if count > 0:
            (hits if name[0] == "t" else misses)[name[1:]] += round(count)
    classes = hits.keys() | misses.keys()
    return math.fsum(2 * hits[one] / (2 * hits[one] + misses[one]) for one in classes) / len(classes)


def _mean_of(
    loss: Callable[[Any, Any], float],
    check: Callable[[Any], object],
    *,
    more_is_better: bool = False,
    most: float = math.inf,
) -> Metric:
    def whole(sums: Sums, rows: int) -> float:
        mean = sums["loss"] / rows
        return 1 - mean if more_is_better else mean

    return Metric(
        more_is_better=more_is_better,
        parts=lambda label, prediction: {"loss": loss(label, prediction)},
        whole=whole,
        loss=loss,
        check=check,
        bounds=(0.0, most),
    )


METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {
        "accuracy": _mean_of(_wrong, _class, more_is_better=True, most=1.0),
        "f1": Metric(more_is_better=True, parts=_counts, whole=_macro_f1, loss=_wrong, check=_class),
        "mean_absolute_error": _mean_of(_distance, _number),
        "root_mean_squared_error": Metric(
            more_is_better=False,
            parts=lambda label, prediction: {"square": _distance(label, prediction) ** 2},
            whole=lambda sums, rows: math.sqrt(max(0.0, sums["square"]) / rows),
            loss=_distance,
            check=_number,
            bounds=(0.0, math.inf),
        ),
        "log_loss": _mean_of(_surprise, _class, most=-math.log(_CLIP)),
    }
)
"""By the name that a gate declares. `f1` is the mean of all classes', each counting the same."""
