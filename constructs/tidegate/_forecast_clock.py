"""Wall time of a rollout's phases, and the bad answers that are served meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tidegate._evidence_course import Course, Pace, Rates, paces
from tidegate.rollout_plan import RolloutPlan

# Fewer than this are nobody: what they do is rounding.
_NOBODY: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastClock:
    """Turns looks into seconds.

    Attributes:
        plan: The plan.
        requests: Requests of all variants in one bucket.

    """

    plan: RolloutPlan
    requests: float

    @property
    def paces(self) -> tuple[Pace, ...]:
        """The pace of each step."""
        return paces(self.plan, self.requests)

    @property
    def watch(self) -> Pace:
        """The pace of the watch."""
        return Pace.of(self.plan.watch, 1.0, self.requests, bucket_seconds=self.plan.bucket_seconds)

    @property
    def watch_seconds(self) -> tuple[int, int, int]:
        """Shortest, planned and longest time of the watch."""
        bake = self.plan.watch
        shortest = bake.min_bake_seconds + self.plan.settle_seconds
        return shortest, self.wall(self.watch.lasts), self.longest(bake.max_bake_seconds)

    @property
    def lag(self) -> float:
        """Seconds of a phase that are in no judged bucket: half a bucket until one begins, then settling."""
        return self.plan.bucket_seconds / 2 + self.plan.settle_seconds

    def wall(self, looks: int) -> int:
        """Return the seconds after which the judge has seen so many buckets of a phase."""
        return round(self.lag + looks * self.plan.bucket_seconds)

    def longest(self, max_bake_seconds: int) -> int:
        """Return the longest that a phase can last while its buckets come."""
        return self.plan.bucket_seconds + self.plan.settle_seconds + max_bake_seconds

    def half(self, failed: Sequence[Sequence[float]]) -> int | None:
        """Return the seconds until half of the candidates have failed; None when half of them never do."""
        before = 0
        for curve in failed:
            look = first_look(curve)
            if look is not None:
                return before + self.wall(look)
            before += self.wall(len(curve))
        return None

    def rollout(self, promoted: Sequence[float]) -> tuple[int, int | None, int]:
        """Return the shortest, median and longest time of a rollout whose promotions are proven like this."""
        watch_shortest, watch_planned, watch_longest = self.watch_seconds
        steps, settle = self.plan.steps, self.plan.settle_seconds
        shortest = watch_shortest + sum(step.min_bake_seconds + settle for step in steps)
        longest = watch_longest + sum(self.longest(step.max_bake_seconds) for step in steps)
        look = first_look(promoted)
        if look is None:
            return shortest, None, longest
        looks = [*(pace.lasts for pace in self.paces[:-1]), look]
        return shortest, watch_planned + sum(map(self.wall, looks)), longest


def first_look(curve: Sequence[float], chance: float = 0.5) -> int | None:
    """Return the number of the first look at which the chance is reached."""
    return next((look for look, reached in enumerate(curve, start=1) if reached >= chance), None)


def bad_answers(clock: ForecastClock, rates: Rates, found: Course) -> list[float]:
    """Return the bad answers to expect until the candidate fails, is promoted, or each step ends."""
    total, totals, before = 0.0, [], 0.0
    gone = (*((0.0,) * len(curve) for curve in found.failed[:-1]), found.promoted)
    for pace, failed, promoted in zip(clock.paces, found.failed, gone, strict=True):
        ended = [before, *(a + b for a, b in zip(failed, promoted, strict=True))]
        buckets = (1 - before) * clock.lag / clock.plan.bucket_seconds + sum(1 - one for one in ended[:-1])
        total += buckets * pace.requests * rates.bad
        totals.append(total)
        before = failed[-1] if failed else before
    return totals


def bad_answers_unseen(clock: ForecastClock, rates: Rates, found: Course) -> list[float]:
    """Return the bad answers by the end of each step if the candidate never failed.

    At the last step it stays until half of those that did not fail are promoted, or else to the end.
    """
    left = 1 - found.failed[-1][-1] if found.failed[-1] else 0.0
    promoted = first_look(found.promoted, left / 2) if left > _NOBODY else None
    total, totals = 0.0, []
    for index, pace in enumerate(clock.paces):
        is_last = index == len(clock.paces) - 1
        looks = (promoted or pace.limit) if is_last else pace.lasts
        total += (clock.lag / clock.plan.bucket_seconds + looks) * pace.requests * rates.bad
        totals.append(total)
    return totals
