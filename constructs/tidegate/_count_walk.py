"""How the candidate's count of bad answers is distributed while the judge looks at it again and again.

The count is a random walk on a lattice. What crosses the judge's boundary at a look is taken out, the rest
walks on. Nothing is drawn at random: the distribution itself is carried from look to look.
"""

from dataclasses import dataclass, field
from math import ceil, floor, isfinite, sqrt
from typing import Final

# Mass that no printed figure can show.
_NEGLIGIBLE: Final = 1e-9
# Bernoulli steps that give a smooth distribution: per bucket, and fewer of them in long phases.
_STEPS_PER_BUCKET: Final = 32
_FEWEST_STEPS_PER_BUCKET: Final = 4
_STEPS: Final = 1_500


def spacing(trials: float, *, looks: int) -> int:
    """Return the lattice spacing for so many buckets with this many trials each.

    1 (exact) up to 128 trials in a bucket. One step of a wider lattice stands for `spacing ** 2` trials and
    has their mean and their variance.
    """
    steps = min(_STEPS_PER_BUCKET, max(_FEWEST_STEPS_PER_BUCKET, _STEPS / max(looks, 1)))
    return max(1, floor(sqrt(trials / steps)))


@dataclass(slots=True, kw_only=True)
class CountWalk:
    """The distribution of a count, as far as it has not crossed a boundary.

    Attributes:
        width: Spacing of the lattice.
        first: Index of the first lattice point with mass.
        masses: Probability of each point from there.
        shift: Count at index 0.
        trials: Trials of the phase so far; the lattice follows in whole steps.

    """

    width: int = 1
    first: int = 0
    masses: list[float] = field(default_factory=lambda: [1.0])
    shift: float = 0.0
    trials: float = 0.0

    def walk(self, trials: float, chance: float) -> int:
        """Add trials, each a bad answer with this chance; return how many the lattice really took."""
        stride = self.width * self.width
        before = floor(self.trials / stride + 0.5)
        self.trials += trials
        masses, rest = self.masses, 1 - chance
        steps = floor(self.trials / stride + 0.5) - before
        for _ in range(steps):
            self.shift += (stride - self.width) * chance
            masses = [
                stay * rest + come * chance for stay, come in zip([*masses, 0.0], [0.0, *masses], strict=True)
            ]
            self._trim(masses)
        self.masses = masses
        return steps * stride

    def take_from(self, count: float) -> float:
        """Take out what is at `count` or above; return its probability."""
        if not isfinite(count):
            return 0.0
        keep = max(0, ceil((count - self.shift) / self.width - 1e-9) - self.first)
        taken = sum(self.masses[keep:])
        del self.masses[keep:]
        return taken

    def take_up_to(self, count: float) -> float:
        """Take out what is at `count` or below; return its probability."""
        if not isfinite(count):
            return 0.0
        end = max(0, floor((count - self.shift) / self.width + 1e-9) - self.first + 1)
        taken = sum(self.masses[:end])
        del self.masses[:end]
        self.first += end
        return taken

    def begin_phase(self) -> None:
        """Start counting trials anew, at another weight."""
        self.trials = 0.0

    def _trim(self, masses: list[float]) -> None:
        while masses and masses[-1] < _NEGLIGIBLE:
            masses.pop()
        dead = 0
        while dead < len(masses) and masses[dead] < _NEGLIGIBLE:
            dead += 1
        if dead:
            del masses[:dead]
            self.first += dead
