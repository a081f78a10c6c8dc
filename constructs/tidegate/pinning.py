"""Pin each user of an A/B test to one variant, without any storage.

This module imports nothing but the standard library: a client may import it without the CDK, or copy it.

Example:
    >>> from datetime import UTC, datetime
    >>> pick_variant("user-1", {"a": 50, "b": 50}) == pick_variant("user-1", {"a": 50, "b": 50})
    True
    >>> pick_variant("user-1", {"candidate": 100}) is None
    True
    >>> deadline_warning(datetime(2026, 1, 1, tzinfo=UTC), now=datetime(2026, 1, 3, tzinfo=UTC))
    'the A/B test ended 2 days ago: remove the losing variants, they still cost money'

"""

import hashlib
import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

CANDIDATE: Final = "candidate"
"""The variant of a rollout in flight: nobody is ever pinned to it."""
LONGEST_CACHE_SECONDS: Final = 30.0
"""How long weights may be remembered: a variant may have lost its traffic meanwhile."""
_WARN_BEFORE: Final = timedelta(days=3)
_STEPS: Final = 2**64


def pick_variant(
    user_id: str, weights: Mapping[str, float], *, test: str = "", never: Collection[str] = (CANDIDATE,)
) -> str | None:
    """Return the variant that `user_id` always gets, in proportion to the weights.

    The user's hash is a point between 0 and 1, and each variant owns an interval as long as its share. The
    intervals lie in the order of the names, so the answer does not depend on the order of the mapping. A
    change of weights moves as few users as its intervals do.

    Args:
        user_id: Stable id of the user.
        weights: Current weight of each variant, as DescribeEndpoint tells; 0 gets nobody.
        test: Name of the test: another name deals the users anew.
        never: Variants that nobody is pinned to, besides `candidate` also the ones you name.

    Returns:
        The name to send as `TargetVariant`; None when there is nothing to pin to: then call untargeted.

    Raises:
        ValueError: for a weight that is negative or no number.

    """
    for name, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise ValueError(f"weight of {name!r} must be a number of at least 0, got {weight}")
    excluded = {CANDIDATE, *never}
    open_to = sorted((name, weight) for name, weight in weights.items() if name not in excluded and weight)
    total = math.fsum(weight for _, weight in open_to)
    edge = 0.0
    point = _point(user_id, test) * total
    for name, weight in open_to:
        edge += weight
        if point < edge:
            return name
    # Rounding may leave the last point on the very edge.
    return open_to[-1][0] if open_to else None


def _point(user_id: str, test: str) -> float:
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    digest = hashlib.sha256(f"{len(test)}:{test}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _STEPS


class WeightCache:
    """Weights that are read again after at most 30 seconds.

    Call `forget` when a targeted call is refused with a ValidationError (the variant is gone), and repeat
    that call untargeted.

    Args:
        read: Reads the current weights, for example with DescribeEndpoint.
        clock: Seconds that only go forward, for example `time.monotonic`.
        seconds: How long weights are remembered, at most 30.

    Raises:
        ValueError: when `seconds` is out of bounds.

    Example:
        cache = WeightCache(read_weights, clock=time.monotonic)
        variant = pick_variant(user_id, cache.weights())

    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, float]],
        *,
        clock: Callable[[], float],
        seconds: float = LONGEST_CACHE_SECONDS,
    ) -> None:
        if not 0 <= seconds <= LONGEST_CACHE_SECONDS:
            raise ValueError(f"seconds must be 0 to {LONGEST_CACHE_SECONDS}, got {seconds}")
        self._read = read
        self._clock = clock
        self._seconds = seconds
        self._known: tuple[float, Mapping[str, float]] | None = None

    def weights(self) -> Mapping[str, float]:
        """Return the weights, read at most `seconds` ago."""
        now = self._clock()
        if self._known is None or now - self._known[0] >= self._seconds:
            self._known = (now, dict(self._read()))
        return self._known[1]

    def forget(self) -> None:
        """Read the weights again at the next question."""
        self._known = None


def deadline_warning(deadline: datetime, *, now: datetime) -> str | None:
    """Return a warning from three days before the end of an A/B test on, None before that.

    Args:
        deadline: End of the test, with a time zone.
        now: Present time, with a time zone.

    """
    left = deadline - now
    if left > _WARN_BEFORE:
        return None
    if left > timedelta(0):
        return f"the A/B test ends at {deadline.isoformat()}: decide which variant stays"
    return f"the A/B test ended {-left.days} days ago: remove the losing variants, they still cost money"
