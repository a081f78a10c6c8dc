"""What the answers of a model mean under the contract of a kind of inference. Pure: nothing is sent here."""

from collections.abc import Callable, Sequence

from tidegate_cli.check_model.checks import Check, Status, listed, size_text, time_text
from tidegate_cli.check_model.contract import (
    MEBIBYTE,
    PING_SECONDS,
    SERVERLESS_PAGE,
    Contract,
    smallest_serverless_mb,
)
from tidegate_cli.check_model.observations import Asked, Trial
from tidegate_runtime.expectations import Answer, same_answer
from tidegate_runtime.samples import Sample

_NARROW = 0.8


def check_requests(samples: Sequence[Sample], contract: Contract) -> Check:
    """Judge the samples' own sizes; one that is too large never reaches a model."""
    limit = contract.request_bytes
    allowed = f"at most {size_text(limit)} for {contract.kind}"
    largest = max((len(sample.body) for sample in samples), default=0)
    big = [f"{one.name} ({size_text(len(one.body))})" for one in samples if len(one.body) > limit]
    return Check(
        what="request size",
        status=_status(bad=bool(big)),
        found=listed(big) if big else f"largest {size_text(largest)}",
        allowed=allowed,
        source=contract.payload_source,
    )


def check_trial(
    trial: Trial,
    contract: Contract,
    *,
    startup_seconds: float,
    request_seconds: float,
    memory_mb: int | None,
) -> list[Check]:
    """Judge everything that was observed of a model that started.

    Args:
        trial: What was observed.
        contract: The limits.
        startup_seconds: Time that it was given to start.
        request_seconds: Time that it was given to answer a request.
        memory_mb: Memory that it may use; None when nobody said.

    """
    checks = [_started(trial, contract, startup_seconds), _pinged(trial, contract)]
    checks += [_sample(asked, contract, request_seconds) for asked in trial.alone]
    answered = [asked for asked in trial.alone if asked.answer is not None]
    if answered:
        checks += [_answer_sizes(answered, contract), _processing(answered, contract)]
        checks += [_together(trial)] if trial.together else []
        checks += [_fresh(trial)]
    return [*checks, _memory(trial.peak_bytes, contract, memory_mb)]


def _started(trial: Trial, contract: Contract, startup_seconds: float) -> Check:
    return Check(
        what="start",
        status=Status.PASS,
        found=f"GET /ping answers 200 after {time_text(trial.start_seconds)}",
        allowed=f"within {time_text(startup_seconds)}",
        source=contract.container_source,
    )


def _pinged(trial: Trial, contract: Contract) -> Check:
    seconds = [one for one in trial.pings if one is not None]
    bad = len(seconds) < len(trial.pings) or max(seconds) > PING_SECONDS
    missed = f"{len(trial.pings) - len(seconds)} of {len(trial.pings)} not answered in time"
    return Check(
        what="ping",
        status=_status(bad=bad),
        found=missed if len(seconds) < len(trial.pings) else f"slowest {time_text(max(seconds))}",
        allowed=f"status 200 within {time_text(PING_SECONDS)}",
        source=contract.container_source,
    )


def _sample(asked: Asked, contract: Contract, request_seconds: float) -> Check:
    what, answer = f"sample: {asked.sample.name}", asked.answer
    if answer is None:
        limit, source = contract.processing_seconds, contract.processing_source
        allowed = f"an answer within {time_text(limit)}"
        # Whoever gives up before the limit does not know whether the model would have kept it.
        status = Status.NOT_RUN if asked.late and request_seconds < limit else Status.FAIL
        return Check(what=what, status=status, found=asked.trouble, allowed=allowed, source=source)
    complaints = asked.sample.complaints(answer)
    wrong = any(not one.warning for one in complaints)
    return Check(
        what=what,
        status=_status(bad=wrong, warn=bool(complaints)),
        found="; ".join(one.text for one in complaints) if complaints else _described(answer),
        allowed=asked.sample.expect.told,
    )


def _described(answer: Answer) -> str:
    kind = answer.content_type if answer.content_type else "no content type"
    return f"{answer.status}, {kind}, {size_text(len(answer.body))}, {time_text(answer.seconds)}"


def _answer_sizes(answered: Sequence[Asked], contract: Contract) -> Check:
    limit = contract.answer_bytes
    largest, name = _most(answered, lambda answer: len(answer.body))
    return Check(
        what="answer size",
        status=_status(bad=limit is not None and largest > limit),
        found=f"largest {size_text(largest)} ({name})",
        allowed="AWS names no limit" if limit is None else f"at most {size_text(limit)} for {contract.kind}",
        source=contract.payload_source,
    )


def _processing(answered: Sequence[Asked], contract: Contract) -> Check:
    limit = contract.processing_seconds
    slowest, name = _most(answered, lambda answer: answer.seconds)
    return Check(
        what="processing time",
        status=_status(bad=slowest > limit, warn=slowest > _NARROW * limit),
        found=f"slowest {time_text(slowest)} ({name})",
        allowed=f"within {time_text(limit)} for {contract.kind}",
        source=contract.processing_source,
    )


def _most(answered: Sequence[Asked], measure: Callable[[Answer], float]) -> tuple[float, str]:
    return max((measure(one.answer), one.sample.name) for one in answered if one.answer is not None)


def _together(trial: Trial) -> Check:
    count = len(trial.together)
    lost = [f"{one.sample.name}: {one.trouble}" for one in trial.together if one.answer is None]
    other = _different(trial.alone, trial.together)
    broken = [name for name, status in other if status]
    differ = [name for name, status in other if not status]
    return Check(
        what="requests at once",
        status=_status(bad=bool(lost or broken), warn=bool(differ)),
        found=_told(lost, broken, differ) or f"{count} answered as one by one",
        allowed="each is answered as when it comes alone",
    )


def _fresh(trial: Trial) -> Check:
    lost = [f"{one.sample.name}: {one.trouble}" for one in trial.fresh if one.answer is None]
    lost += [f"it does not start again: {trial.fresh_trouble}"] if trial.fresh_trouble else []
    differ = [name for name, _ in _different(trial.alone, trial.fresh)]
    return Check(
        what="a second process",
        status=_status(bad=bool(lost), warn=bool(differ)),
        found=_told(lost, [], differ) or "gives the same answers",
        allowed="the same answers, or a comparison of versions sees noise",
    )


def _different(alone: Sequence[Asked], others: Sequence[Asked]) -> list[tuple[str, bool]]:
    """Return the samples whose answers differ, and whether even the status does; each once."""
    first = {one.sample.name: one.answer for one in alone}
    found: dict[str, bool] = {}
    for one in others:
        before, after = first[one.sample.name], one.answer
        if before is not None and after is not None and not same_answer(before, after):
            found[one.sample.name] = found.get(one.sample.name, False) or before.status != after.status
    return list(found.items())


def _told(lost: list[str], broken: list[str], differ: list[str]) -> str:
    parts = [listed(lost)] if lost else []
    parts += [f"other status: {listed(broken)}"] if broken else []
    parts += [f"other answer: {listed(differ)}"] if differ else []
    return "; ".join(parts)


def _memory(peak: int | None, contract: Contract, memory_mb: int | None) -> Check:
    source = SERVERLESS_PAGE if contract.kind == "serverless" else ""
    if peak is None:
        status = _status(bad=False, warn=memory_mb is not None)
        return Check(what="memory", status=status, found="cannot be measured on this system")
    found = f"peak {size_text(peak)}"
    if memory_mb is not None:
        limit = memory_mb * MEBIBYTE
        status = _status(bad=peak > limit, warn=peak > _NARROW * limit)
        allowed = f"at most {memory_mb} MB; above 80 % it is tight"
        return Check(what="memory", status=status, found=found, allowed=allowed, source=source)
    if contract.kind != "serverless":
        return Check(what="memory", status=Status.PASS, found=found, allowed="give --memory-mb")
    size = smallest_serverless_mb(peak)
    allowed = (
        "no serverless size holds it" if size is None else f"{size} MB is the smallest size that holds it"
    )
    return Check(what="memory", status=_status(bad=size is None), found=found, allowed=allowed, source=source)


def _status(*, bad: bool, warn: bool = False) -> Status:
    if bad:
        return Status.FAIL
    return Status.WARN if warn else Status.PASS
