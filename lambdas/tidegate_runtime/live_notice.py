"""That the live version was rejected, in words for a person and for the event bus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.notice import LONGEST_SUBJECT, Notice, version_of

STAYS: Final = "stays"
GOES_BACK: Final = "goes_back"
WAITS: Final = "waits"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRejected:
    """What happens after the live version was rejected.

    Attributes:
        package_arn: The version that is live.
        by: Who rejected it; empty when unknown.
        last_good: The version to go back to; empty when there is none.
        action: `stays`, `goes_back`, `waits` (for the end of the rollout in flight) or `refused`.
        rollout_id: The rollout that goes back; empty without one.
        reason: Why the way back was not started; empty when it was, or nobody asked for it.

    """

    package_arn: str
    by: str
    last_good: str
    action: str
    rollout_id: str = ""
    reason: str = ""

    def detail(self, *, endpoint_name: str) -> Mapping[str, Any]:
        """Return the event's detail."""
        return {
            "endpoint": endpoint_name,
            "model_package_arn": self.package_arn,
            "rejected_by": self.by,
            "last_good": self.last_good,
            "action": self.action,
            "rollout_id": self.rollout_id,
            "reason": self.reason,
        }

    def notice(self, *, endpoint_name: str) -> Notice:
        """Return the message."""
        version = version_of(self.package_arn)
        by = f" by {self.by}" if self.by else ""
        lines = [
            f"Version {version}, live on endpoint {endpoint_name}, was rejected in the registry{by}.",
            "",
            f"What to do: {self.todo}",
            "What it costs: nothing more than before.",
            "",
            f"Model package: {self.package_arn}",
        ]
        subject = f"{endpoint_name}: the live version {version} was rejected"
        return Notice(subject=subject[:LONGEST_SUBJECT], text="\n".join(lines))

    @property
    def todo(self) -> str:
        """What a person may do, in one sentence."""
        version, good = version_of(self.package_arn), version_of(self.last_good)
        stays = f"version {version} keeps answering until then."
        if not self.last_good:
            return (
                f"approve a version: none that was promoted here before is still approved, so {stays[:-1]}."
            )
        back = f"to go back to version {good}, the last good one, approve it again"
        if self.action == STAYS:
            return f"{back}; {stays}"
        if self.action == REFUSED:
            return f"{back} later: {self.reason}; {stays}"
        when = "is put back" if self.action == GOES_BACK else "is put back after the rollout in flight"
        return f"nothing: version {good} {when}, without a canary, by rollout {self.rollout_id}."
