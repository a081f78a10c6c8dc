"""One step of a rollout: a share of the traffic, its evidence, and what happens around it."""

from dataclasses import dataclass

from tidegate.bake import Bake
from tidegate.contest import Contest
from tidegate.gate import Gate, function_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutStep(Bake):
    """One step: the candidate's share of the traffic, and the evidence needed to leave the step.

    Attributes:
        weight_percent: The candidate's share, 1 to 100.
        gate: Who decides, once the step has passed; nobody when None.
        before: ARN of a Lambda function that is called before the share is raised; none when None.
        after: ARN of a Lambda function that is called once the step has passed; none when None.
        contest: What candidate and live compete for in this step, the one before the last; None: the
            candidate must only be no worse than live.

    A function of a hook is called at least once, with `rollout_id`, `endpoint`, `when`, `step`, `steps`,
    `weight_percent`, `model_package_arn`, `baseline_package_arn` and `reason`. It answers
    `{"status": "DONE"}`; `WAIT` with `wait_seconds` to be asked again, for an hour at most; or `FAIL` with a
    `reason`, which rolls back, as an error of the function does.

    """

    weight_percent: int
    gate: Gate | None = None
    before: str | None = None
    after: str | None = None
    contest: Contest | None = None

    @property
    def longest_seconds(self) -> int:
        """The longest that the step bakes and changes its own weights, in seconds."""
        updates = 0 if self.contest is None else self.contest.updates_seconds(self.max_bake_seconds)
        return self.max_bake_seconds + updates

    def faults(self, *, judged: bool = True) -> list[str]:
        """Return what is wrong with this step by itself, one sentence each."""
        hooks = [(name, arn) for name, arn in (("before", self.before), ("after", self.after)) if arn]
        return [
            *Bake.faults(self, judged=judged),
            *(fault for name, arn in hooks for fault in function_faults(arn, name)),
        ]
