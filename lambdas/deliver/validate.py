"""The job `validate`: the validation gate. Candidate and live answer the same rows, and are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from deliver.asking import ANSWERED, FAILED, STOPPED, Asked, Asking, Look
from deliver.logic import DENIED_SECONDS
from deliver.outcome import JOB_FAILED, PERMISSION, Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.errors import Denied, EndpointBusy, Fault, QuotaExceeded, Transient
from tidegate_runtime.ports import Clock, Pointer
from tidegate_runtime.validation.answers import AnswersInvalid
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.metrics import Unusable

GRACE_SECONDS: Final = 1_800
"""How long what was stopped may take to end; what was made is deleted then, as far as it can be."""

_LONGEST_TROUBLE: Final = 200
_LONGEST_ENDING: Final = 500

Looks = Mapping[Asked, Look]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What earlier calls have found, and every later one goes by.

    Attributes:
        since: When the gate has begun, in seconds since 1970.
        attempt: What tells a retried stage from the first run.
        live: ARN of the version that was live then.
        trouble: What AWS has refused in the last call, and may not refuse in the next.
        denied_at: Since when a permission has been missing.
        ending: What has ended the gate before a verdict: all that is left to do is to end what runs.
        kind: Type of that failure in CodePipeline's words.

    """

    since: float
    attempt: str
    live: str | None
    trouble: str = ""
    denied_at: float | None = None
    ending: str = ""
    kind: str = JOB_FAILED

    def waits(self, summary: str, *, trouble: str = "", denied_at: float | None = None) -> Wait:
        """Return that the gate goes on, with what has come in this call."""
        after = replace(self, trouble=trouble[:_LONGEST_TROUBLE], denied_at=denied_at)
        return Wait(summary=summary, token={name: getattr(after, name) for name in _Before.__slots__})

    def ends(self, why: str, *, kind: str = JOB_FAILED) -> Wait:
        """Return that the gate ends once nothing runs any more; of several reasons the first one counts."""
        after = self if self.ending else replace(self, ending=why[:_LONGEST_ENDING], kind=kind)
        return after.waits(f"ending: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validate:
    """Has the versions asked, waits for their answers, judges them, and deletes what was made for it."""

    gate: Gate
    data: DataSet
    pointer: Pointer
    asking: Asking
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Make progress.

        Raises:
            Fault: AWS has refused for longer than the gate may take; nothing is left, as far as it lets us.

        """
        package = request.text("package")
        before = _Before(**request.token) if request.token else self._begin(request)
        if before.live == package:
            return Done(summary="the version is the live one already", variables={"PackageArn": package})
        if before.live is None and not self.gate.criteria.has_floor:
            return Failed(
                message="there is no live version to compare with, and the gate declares no at_least or "
                "at_most to judge a first version by: declare one"
            )
        versions = self._versions(request, package, before)
        try:
            return self._progress(versions, before)
        except (EndpointBusy, QuotaExceeded, Transient) as fault:
            if self._is_late(before, GRACE_SECONDS):
                self._abandon(versions)
                raise
            return before.waits(f"asking again: {fault}", trouble=str(fault))
        except Denied as fault:
            return self._denied(fault, before, versions)
        except Fault as fault:
            return self._given_up(before, versions) if before.ending else before.ends(str(fault))

    def _denied(self, fault: Denied, before: _Before, versions: Sequence[Asked]) -> Outcome:
        now = self.clock.now()
        since = before.denied_at if before.denied_at is not None else now
        if now - since < DENIED_SECONDS:
            return before.waits(f"asking again: {fault}", trouble=str(fault), denied_at=since)
        if before.ending:
            return self._given_up(before, versions)
        minutes = round((now - since) / 60)
        return before.ends(f"for {minutes} minutes, AWS has only answered: {fault}", kind=PERMISSION)

    def _given_up(self, before: _Before, versions: Sequence[Asked]) -> Outcome:
        self._abandon(versions)
        return Failed(message=before.ending, kind=before.kind)

    def _begin(self, request: Request) -> _Before:
        # A call that has died comes again with the same id; a stage that is retried comes with another one.
        return _Before(since=self.clock.now(), attempt=request.job_id, live=self.pointer.read())

    def _versions(self, request: Request, package: str, before: _Before) -> list[Asked]:
        wanted = {"candidate": package}
        if before.live is not None and self.gate.criteria.compares:
            wanted["live"] = before.live
        return [
            Asked.of(
                who,
                arn,
                endpoint=request.place.name,
                execution=request.execution,
                attempt=before.attempt,
            )
            for who, arn in wanted.items()
        ]

    def _is_late(self, before: _Before, grace: float = 0) -> bool:
        return self.clock.now() - before.since > 60 * self.gate.max_minutes + grace

    def _progress(self, versions: Sequence[Asked], before: _Before) -> Outcome:
        looks = {asked: self.asking.look(asked) for asked in versions}
        late, given_up = self._is_late(before), self._is_late(before, GRACE_SECONDS)
        ends = late or bool(before.ending) or any(one.state in (FAILED, STOPPED) for one in looks.values())
        for asked, look in looks.items():
            if ends and look.is_at_work:
                self.asking.stop(asked)
            elif not ends and look.state != ANSWERED:
                looks[asked] = self.asking.go_on(asked, look)
        if not given_up and any(look.is_at_work for look in looks.values()):
            found = "; ".join(look.trouble for look in looks.values() if look.trouble)
            return before.waits(self._told(looks, ends=ends), trouble=before.trouble if ends else found)
        outcome = self._outcome(looks, before)
        if given_up:
            self._abandon(versions)
        else:
            for asked in versions:
                self.asking.clean(asked)
        return outcome

    def _told(self, looks: Looks, *, ends: bool) -> str:
        doing = "being stopped" if ends else "being asked"
        versions = "; ".join(f"{asked.who}: {look.told}" for asked, look in looks.items())
        return f"{doing}, {len(self.data)} rows, data {self.data.version}: {versions}"

    def _outcome(self, looks: Looks, before: _Before) -> Outcome:
        if before.ending:
            return Failed(message=before.ending, kind=before.kind)
        answers: dict[str, list[Any]] = {}
        # The one that was stopped because of the other is not the reason.
        for asked, look in sorted(looks.items(), key=lambda item: item[1].state != FAILED):
            try:
                answers[asked.who] = self._answers(asked, look, before)
            except AnswersInvalid as error:
                return Failed(message=f"the {asked.who} version {asked.number} was not judged: {error}")
        try:
            judgement = self.gate.criteria.judge(
                labels=self.data.labels, candidate=answers["candidate"], live=answers.get("live")
            )
        except Unusable as error:
            return Failed(message=f"the answers cannot be judged by {self.gate.criteria.metric}: {error}")
        candidate = next(asked for asked in looks if asked.who == "candidate")
        text = f"version {candidate.number}, data {self.data.version}: {judgement.text}"
        if not judgement.passed:
            return Failed(message=f"{text}. It goes no further: train a better one, or change the gate")
        variables = {"PackageArn": candidate.package, "DataVersion": self.data.digest, "Evidence": text}
        return Done(summary=text, variables=variables)

    def _answers(self, asked: Asked, look: Look, before: _Before) -> list[Any]:
        if look.state != ANSWERED:
            raise AnswersInvalid(f"{look.told}{self._lateness(look, before)}")
        return self.asking.predictions(asked, look)

    def _lateness(self, look: Look, before: _Before) -> str:
        if look.state == FAILED or not self._is_late(before):
            return ""
        trouble = f": {before.trouble}" if before.trouble else ""
        return f"; the gate may take {self.gate.max_minutes:g} minutes{trouble}"

    def _abandon(self, versions: Sequence[Asked]) -> None:
        """Leave nothing behind as far as AWS lets us: what is told is the fault that led here."""
        for asked in versions:
            best_effort(f"stop {asked.name}", partial(self.asking.stop, asked), otherwise=None)
            best_effort(f"delete {asked.name}", partial(self.asking.clean, asked), otherwise=None)
