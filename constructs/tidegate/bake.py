"""How much evidence a phase of a rollout needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bake:
    """How much evidence a phase needs.

    Attributes:
        min_bake_seconds: Shortest time under observation.
        max_bake_seconds: Time after which the phase is inconclusive.
        min_requests: Requests that the candidate must have served in this phase.

    """

    min_bake_seconds: int
    max_bake_seconds: int
    min_requests: int

    def faults(self, *, judged: bool = True) -> list[str]:
        """Return what is wrong with these numbers by themselves, one sentence each.

        Args:
            judged: Whether the controller judges the phase, and so wants requests.

        """
        faults = []
        if self.min_bake_seconds < 1:
            faults.append(f"min_bake_seconds must be at least 1, got {self.min_bake_seconds}")
        if self.max_bake_seconds < self.min_bake_seconds:
            faults.append(
                f"max_bake_seconds must be at least min_bake_seconds ({self.min_bake_seconds}), "
                f"got {self.max_bake_seconds}"
            )
        if judged and self.min_requests < 1:
            faults.append(f"min_requests must be at least 1, got {self.min_requests}")
        return faults
