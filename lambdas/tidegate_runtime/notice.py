"""The end of a rollout in words for a person: what happened, what to do, what it costs."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.notice_waiting import cost_of, hours, time_left, waited_seconds
from tidegate_runtime.plan_needs_human import NeedsHuman
from tidegate_runtime.ports import Run

LONGEST_SUBJECT: Final = 100
_BY: Final[Mapping[str, str]] = {
    "verdict": "by the judge",
    "alarm": "by an alarm",
    "operator": "by an operator",
    "execution": "because the rollout itself failed",
    "watchdog": "by the watchdog",
    "superseded": "for a newer version",
    "deadline": "because nobody decided in time",
    "rejected": "because it was rejected in the registry",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message: `subject` in at most 100 characters of one line, and `text`."""

    subject: str
    text: str


def notice_of(run: Run, *, endpoint_name: str, policy: NeedsHuman | None = None) -> Notice:
    """Write the message about an end, from the record alone.

    Args:
        run: The record of a rollout that has ended, or waits for a human.
        endpoint_name: Its endpoint.
        policy: How long it waits; the usual policy when None.

    Example:
        notice_of(run, endpoint_name="digits-production").subject

    """
    told = _Told(run=run, endpoint=endpoint_name, now=float(run.body.get("ended_at") or 0))
    sentence = {
        "PROMOTED": told.promoted,
        "ROLLED_BACK": told.rolled_back,
        "NEEDS_HUMAN": told.needs_human,
        "SUPERSEDED": told.superseded,
    }[run.status]
    return told.notice(*sentence(), subject=run.status, policy=policy or NeedsHuman())


def reminder_of(run: Run, *, endpoint_name: str, policy: NeedsHuman, now: float) -> Notice:
    """Write the message about a rollout that still waits for a human.

    Args:
        run: Its record.
        endpoint_name: Its endpoint.
        policy: How long it waits.
        now: Seconds since 1970.

    """
    told = _Told(run=run, endpoint=endpoint_name, now=now)
    happened, todo, cost = told.needs_human()
    waited = hours(waited_seconds(run, now=now))
    return told.notice(
        f"For {waited} now: {happened}",
        todo,
        cost,
        subject=f"still NEEDS_HUMAN after {waited}",
        policy=policy,
    )


def command(verb: str, *, endpoint_name: str, rollout_id: str) -> str:
    """Return what an operator types, for example `tidegate abort --service digits --environment production`.

    The command asks for the two halves of the endpoint's name, and puts them together again. An endpoint
    without halves belongs to no service file: it has the state machine only.
    """
    service, _, environment = endpoint_name.rpartition("-")
    if service and environment:
        return f"`tidegate {verb} --service {service} --environment {environment}`"
    document = shlex.quote(f'{{"rollout_id": "{rollout_id}"}}')
    return (
        f"an execution `rb-{rollout_id}` of the state machine {endpoint_name}-rollback with input {document}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    run: Run
    endpoint: str
    now: float

    def notice(self, happened: str, todo: str, cost: str, *, subject: str, policy: NeedsHuman) -> Notice:
        """Return the message with its lines in their order."""
        waits = self.run.status == "NEEDS_HUMAN"
        left = [f"Time left: {time_left(self.run, policy, now=self.now)}"] if waits else []
        lines = [
            happened,
            "",
            f"Why: {self.run.body.get('reason') or 'no reason is on record'}",
            f"What to do: {todo}",
            f"What it costs: {cost}",
            *left,
            "",
            f"Rollout: {self.run.rollout_id}",
            f"Model package: {self.package or 'unknown'}",
        ]
        line = f"{self.endpoint}: version {self.version} {subject}"
        return Notice(subject=line[:LONGEST_SUBJECT], text="\n".join(lines))

    @property
    def package(self) -> str:
        return str(self.run.body.get("package_arn") or "")

    @property
    def version(self) -> str:
        return version_of(self.package)

    def promoted(self) -> tuple[str, str, str]:
        happened = f"Version {self.version} is live on endpoint {self.endpoint}{self._instead()}."
        return happened, "nothing.", "nothing more than before."

    def rolled_back(self) -> tuple[str, str, str]:
        if self.run.body.get("phase") == "CHECKED":
            return self._refused()
        by = f" {self._by()}" if self._by() else ""
        kept = self.run.body.get("baseline")
        answers = f"; version {version_of(kept['package_arn'])} answers alone" if kept else ""
        trouble = self.run.body.get("live_trouble")
        answers += f", and is in trouble too ({trouble})" if answers and trouble else ""
        happened = f"Version {self.version} was rolled back{by}{self._at()} on {self.endpoint}{answers}."
        explain = command("explain", endpoint_name=self.endpoint, rollout_id=self.run.rollout_id)
        look = f"look at the numbers with {explain}" if explain.startswith("`") else "read the reason"
        todo = f"{look}; then fix the version, and approve it, or another one, again."
        gone = "" if self.run.body.get("direct") else ": the candidate's fleet is gone"
        return happened, todo, f"nothing more than before{gone}."

    def _refused(self) -> tuple[str, str, str]:
        happened = f"Version {self.version} was not rolled out to {self.endpoint}: nothing was touched."
        return happened, "mend what the reason names; then approve the version again.", "nothing."

    def needs_human(self) -> tuple[str, str, str]:
        abort = command("abort", endpoint_name=self.endpoint, rollout_id=self.run.rollout_id)
        if self._by():
            what = f"The rollback of version {self.version} on {self.endpoint}"
            happened = f"{what}, asked for {self._by()}, is stuck."
            todo = f"make endpoint and hosting stack take changes again, then {_started(abort)}."
            return happened, todo, cost_of(self.run, now=self.now)
        happened = f"The rollout of version {self.version} on {self.endpoint} waits for you{self._at()}."
        todo = (
            f"to roll it back, {_started(abort)}, or deploy the hosting stack; then approve a version again."
        )
        return happened, todo, cost_of(self.run, now=self.now)

    def superseded(self) -> tuple[str, str, str]:
        happened = f"Version {self.version} was not rolled out to {self.endpoint}: nothing was touched."
        return happened, "if you still want it, approve it again.", "nothing."

    def _by(self) -> str:
        source = str(self.run.body.get("source") or "")
        return _BY.get(source, source and f"by {source}")

    def _at(self) -> str:
        body = self.run.body
        if body.get("direct"):
            return ""
        if "weight_percent" not in body:
            return " before it had traffic"
        steps = len((body.get("plan") or {}).get("steps", ()))
        of = f" of {steps}" if steps else ""
        return f" at step {body['step'] + 1}{of}, {body['weight_percent']} % of the traffic,"

    def _instead(self) -> str:
        before: Mapping[str, Any] | None = self.run.body.get("baseline")
        if before is None:
            return " as its first version" if self.run.body.get("first") else ""
        return f", instead of version {version_of(before['package_arn'])}"


def _started(order: str) -> str:
    return f"{'run' if order.startswith('`') else 'start'} {order}"


def version_of(package_arn: str) -> str:
    """Return the number of a model package version, or `unknown`."""
    return package_arn.rpartition("/")[2] or "unknown"
