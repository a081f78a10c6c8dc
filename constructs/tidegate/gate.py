"""A gate behind a step of a rollout: nothing goes on until somebody says so."""

import re
from dataclasses import dataclass
from typing import Final, Self

from aws_cdk import Token

ON_TIMEOUT: Final = ("roll_back", "needs_human")
LONGEST_WAIT_SECONDS: Final = 14 * 24 * 3600
"""Longest time a gate may wait."""

_DAY_SECONDS: Final = 24 * 3600
_SHORTEST_WAIT_SECONDS: Final = 60
_FUNCTION: Final = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Who decides, once a step has passed, whether the next share, or the promotion, may follow.

    While the gate is closed the candidate keeps its share, and the judge goes on: a candidate that turns bad
    is rolled back. What opens the way is a PASS on the data of then, not the one of before the wait.

    Attributes:
        function_arn: The Lambda function that is asked; a person decides when None.
        max_wait_seconds: How long the gate waits, 60 s to 14 days.
        on_timeout: `roll_back` or `needs_human`, when nobody has decided by then.

    Raises:
        ValueError: naming every fault at once.

    Example:
        RolloutStep(
            weight_percent=10,
            min_bake_seconds=600,
            max_bake_seconds=3600,
            min_requests=500,
            gate=Gate.manual(max_wait_seconds=8 * 3600),
        )

    """

    function_arn: str | None = None
    max_wait_seconds: int = _DAY_SECONDS
    on_timeout: str = "roll_back"

    def __post_init__(self) -> None:
        faults = [] if self.function_arn is None else function_faults(self.function_arn, "function_arn")
        if not _SHORTEST_WAIT_SECONDS <= self.max_wait_seconds <= LONGEST_WAIT_SECONDS:
            faults.append(
                f"max_wait_seconds must be {_SHORTEST_WAIT_SECONDS} to {LONGEST_WAIT_SECONDS}, "
                f"got {self.max_wait_seconds}"
            )
        if self.on_timeout not in ON_TIMEOUT:
            faults.append(f"on_timeout must be one of {ON_TIMEOUT}, got {self.on_timeout!r}")
        if faults:
            raise ValueError(f"gate: {'; '.join(faults)}")

    @classmethod
    def manual(cls, *, max_wait_seconds: int = _DAY_SECONDS, on_timeout: str = "roll_back") -> Self:
        """Return a gate that a person opens with `tidegate promote`, or closes for good with `abort`."""
        return cls(max_wait_seconds=max_wait_seconds, on_timeout=on_timeout)

    @classmethod
    def webhook(
        cls, function_arn: str, *, max_wait_seconds: int = _DAY_SECONDS, on_timeout: str = "roll_back"
    ) -> Self:
        """Return a gate that a Lambda function decides about.

        The function is asked again and again until it answers `{"status": "APPROVED"}` or `REJECTED`, with a
        `reason`; `WAIT`, an error and no answer leave the gate closed. A person may open it as well.

        Args:
            function_arn: ARN of the function, in the rollout's account and region; an alias or a version may
                be named.
            max_wait_seconds: As of the class.
            on_timeout: As of the class.

        """
        return cls(function_arn=function_arn, max_wait_seconds=max_wait_seconds, on_timeout=on_timeout)


def function_faults(arn: str, field: str) -> list[str]:
    """Return what is wrong with the ARN of a Lambda function; nothing for one not known before the deploy."""
    if Token.is_unresolved(arn) or _FUNCTION.fullmatch(arn):
        return []
    example = "arn:aws:lambda:eu-west-1:111122223333:function:approve"
    return [f"{field} must be the ARN of a Lambda function like {example}, got {arn!r}"]
