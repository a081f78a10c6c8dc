"""Whether a set is large enough to see its gate's margin: told at synth, before any model is asked."""

import math
from typing import Final

from tidegate_runtime.validation.criteria import Criteria

_UNLIKELY: Final = 0.05
"""Probability below which a lead counts as seen, one-sided."""


def blind(criteria: Criteria, rows: int) -> str:
    """Return why a set of so many rows cannot see the margin, with the numbers; empty when it might.

    The most favourable case is taken: the candidate is worse on the rows of the margin, one by one, and
    better on none. A set that the exact sign test says nothing about even then is too small in any case. It
    is said of the metrics that count rows; of an error in the label's unit nothing can be said beforehand.
    """
    if criteria.metric not in ("accuracy", "f1") or not criteria.max_worse:
        return ""
    needed = math.ceil(math.log2(1 / _UNLIKELY))
    lost = math.floor(criteria.max_worse * rows + 1e-9) + 1
    if lost >= needed:
        return ""
    enough = math.ceil((needed - 1) / criteria.max_worse - 1e-9)
    return (
        f"{rows:,} rows cannot see that {criteria.metric} is {criteria.max_worse:g} worse: that is {lost} of "
        f"them, which chance brings about with p = {0.5**lost:.2g} even when no other row differs; from "
        f"{enough:,} rows on p is {0.5**needed:.2g}"
    )
