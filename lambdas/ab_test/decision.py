"""What is idle, and what the next step towards the test's end is: nothing but values."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tidegate_runtime.ports import Variant

ENOUGH_REQUESTS: Final = 20
"""A variant whose share of the requests would be this many gets none by chance once in 500 million times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; an empty one means that all is as it should be.

    Attributes:
        weights: Weights to set, in one call; while there are any, nothing else is done.
        floors: Scaled variants whose minimum capacity becomes 1.
        shrink: Variant that goes down to one instance: SageMaker takes one capacity in a call.

    """

    weights: Mapping[str, float] = field(default_factory=dict)
    floors: tuple[str, ...] = ()
    shrink: str = ""


def idle_variants(
    variants: Sequence[Variant], calls: Mapping[str, float], among: Collection[str]
) -> list[str]:
    """Return the variants that nobody calls, though the endpoint is called.

    A variant with a weight is idle only when its share of the requests would have been enough to rule out
    chance. One without a weight is idle when there was any request at all.

    Args:
        variants: All variants of the endpoint.
        calls: Requests to each variant; one that is missing had none.
        among: The variants to look at.

    """
    total = math.fsum(calls.values())
    weights = math.fsum(variant.weight for variant in variants)
    return [
        variant.name
        for variant in variants
        if variant.name in among
        and total > 0
        and not calls.get(variant.name, 0.0)
        and (not variant.weight or total * variant.weight / weights >= ENOUGH_REQUESTS)
    ]


def next_step(
    taking_part: Sequence[Variant], *, champion: str, leaving: Collection[str], floors: Mapping[str, int]
) -> Step:
    """Return the next step that takes traffic and instances from the variants that leave.

    Weights come first: a fleet shrinks only when no weight sends it requests any more.

    Args:
        taking_part: The variants of the test.
        champion: The variant that never leaves.
        leaving: Names of the variants that leave.
        floors: Minimum capacities of the variants that are scaled.

    """
    weights = _weights(taking_part, champion, leaving)
    if weights:
        return Step(weights=weights)
    leavers = [variant for variant in taking_part if variant.name in leaving]
    return Step(
        floors=tuple(variant.name for variant in leavers if floors.get(variant.name, 1) > 1),
        shrink=next((variant.name for variant in leavers if variant.desired_instances > 1), ""),
    )


def _weights(taking_part: Sequence[Variant], champion: str, leaving: Collection[str]) -> dict[str, float]:
    found = {variant.name: variant.desired_weight for variant in taking_part}
    wanted = {name: 0.0 if name in leaving else weight for name, weight in found.items()}
    staying = [name for name in found if name not in leaving]
    if leaving and (staying == [champion] or not any(wanted.values())):
        # The test's share stays what it is: variants that take no part in it notice nothing.
        wanted[champion] = math.fsum(found.values()) or 1.0
    return wanted if wanted != found else {}
