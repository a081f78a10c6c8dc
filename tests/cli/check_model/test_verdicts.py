"""What observations mean under the contract of each kind of inference."""

from dataclasses import replace

import pytest

from tests.cli.check_model.model_folders import by_name
from tidegate_cli.check_model.checks import Check, Status, passed, size_text, time_text
from tidegate_cli.check_model.contract import MEBIBYTE, Contract, Kind, require_memory_size
from tidegate_cli.check_model.observations import Asked, Trial
from tidegate_cli.check_model.report import Report
from tidegate_cli.check_model.verdicts import check_requests, check_trial
from tidegate_cli.failures import CliError
from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample

SAMPLE = Sample(name="seven", body=b"[7]")
ANSWER = Answer(status=200, content_type="application/json", body=b"[7]", seconds=0.01)
ASKED = Asked(sample=SAMPLE, answer=ANSWER)
TRIAL = Trial(
    start_seconds=1.0,
    pings=(0.001, 0.002),
    alone=(ASKED,),
    together=(ASKED, ASKED),
    fresh=(ASKED,),
    peak_bytes=100 * MEBIBYTE,
)


def judged(
    trial: Trial,
    kind: Kind = "real-time",
    *,
    memory_mb: int | None = None,
    request_seconds: float | None = None,
) -> dict[str, Check]:
    contract = Contract.of(kind)
    given = contract.processing_seconds if request_seconds is None else request_seconds
    return by_name(
        check_trial(trial, contract, startup_seconds=60, request_seconds=given, memory_mb=memory_mb)
    )


def answered(**fields: object) -> Asked:
    return Asked(sample=SAMPLE, answer=replace(ANSWER, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["real-time", "serverless", "async", "batch"])
def test_a_good_model_passes_every_check_of_each_kind(kind: Kind) -> None:
    assert {check.status for check in judged(TRIAL, kind).values()} == {Status.PASS}


def test_rejects_a_ping_that_takes_longer_than_two_seconds() -> None:
    slow = judged(replace(TRIAL, pings=(0.001, 2.1)))["ping"]
    assert (slow.status, slow.found, slow.allowed) == (
        Status.FAIL,
        "slowest 2.1 s",
        "status 200 within 2 s",
    )
    lost = judged(replace(TRIAL, pings=(None, None)))["ping"]
    assert (lost.status, lost.found) == (Status.FAIL, "2 of 2 not answered in time")


@pytest.mark.parametrize(
    ("kind", "allowed", "too_much"), [("real-time", 6, 7), ("serverless", 4, 5), ("async", 1024, None)]
)
def test_rejects_an_answer_above_the_limit_of_the_kind(
    kind: Kind, allowed: int, too_much: int | None
) -> None:
    at_most = Contract.of(kind).answer_bytes
    assert at_most == allowed * MEBIBYTE
    if too_much is not None:
        large = answered(body=b'"' + b"x" * too_much * MEBIBYTE + b'"')
        found = judged(replace(TRIAL, alone=(large,), together=(), fresh=()), kind)["answer size"]
        assert (found.status, found.found) == (Status.FAIL, f"largest {too_much} MB (seven)")


def test_batch_names_no_limit_for_answers() -> None:
    assert judged(TRIAL, "batch")["answer size"].allowed == "AWS names no limit"


@pytest.mark.parametrize(
    ("seconds", "kind", "status"),
    [
        (61, "real-time", Status.FAIL),
        (50, "real-time", Status.WARN),
        (61, "async", Status.PASS),
        (3601, "batch", Status.FAIL),
    ],
)
def test_the_time_for_a_request_depends_on_the_kind(seconds: float, kind: Kind, status: Status) -> None:
    found = judged(replace(TRIAL, alone=(answered(seconds=seconds),)), kind)["processing time"]
    assert found.status is status


def test_whoever_gives_up_before_the_limit_does_not_know() -> None:
    late = replace(TRIAL, alone=(Asked(sample=SAMPLE, trouble="no answer within 60 s", late=True),))
    assert judged(late)["sample: seven"].status is Status.FAIL
    assert judged(late, request_seconds=5)["sample: seven"].status is Status.NOT_RUN
    assert not passed(list(judged(late, request_seconds=5).values()))


def test_rejects_a_sample_whose_process_ended() -> None:
    died = replace(
        TRIAL, alone=(Asked(sample=SAMPLE, trouble="the model process ended"),), together=(), fresh=()
    )
    found = judged(died, request_seconds=5)
    assert (found["sample: seven"].status, found["sample: seven"].found) == (
        Status.FAIL,
        "the model process ended",
    )
    assert "processing time" not in found


def test_rejects_a_request_that_fails_only_beside_others() -> None:
    broken = judged(replace(TRIAL, together=(ASKED, answered(status=500))))["requests at once"]
    assert (broken.status, broken.found) == (Status.FAIL, "other status: seven")
    lost = judged(replace(TRIAL, together=(Asked(sample=SAMPLE, trouble="no answer"),)))["requests at once"]
    assert (lost.status, lost.found) == (Status.FAIL, "seven: no answer")


def test_another_answer_beside_others_or_from_a_fresh_process_is_a_warning() -> None:
    other = answered(body=b"[8]")
    found = judged(replace(TRIAL, together=(other, other), fresh=(other,)))
    for what in ("requests at once", "a second process"):
        assert (found[what].status, found[what].found) == (Status.WARN, "other answer: seven")


def test_rejects_a_model_that_does_not_start_twice() -> None:
    found = judged(replace(TRIAL, fresh=(), fresh_trouble="OSError: locked"))["a second process"]
    assert (found.status, found.found) == (Status.FAIL, "it does not start again: OSError: locked")


@pytest.mark.parametrize(
    ("memory_mb", "status"), [(99, Status.FAIL), (110, Status.WARN), (126, Status.PASS), (None, Status.PASS)]
)
def test_memory_is_held_against_what_was_given(memory_mb: int | None, status: Status) -> None:
    assert judged(TRIAL, memory_mb=memory_mb)["memory"].status is status


@pytest.mark.parametrize(
    ("peak_mb", "status", "said"),
    [
        (1000, Status.PASS, "1024 MB is the smallest"),
        (1025, Status.PASS, "2048 MB is the smallest"),
        (7000, Status.FAIL, "no serverless size"),
    ],
)
def test_serverless_names_the_smallest_size(peak_mb: int, status: Status, said: str) -> None:
    found = judged(replace(TRIAL, peak_bytes=peak_mb * MEBIBYTE), "serverless")["memory"]
    assert found.status is status
    assert found.allowed.startswith(said)


def test_memory_that_nobody_counts_is_a_warning_only_when_it_matters() -> None:
    unknown = replace(TRIAL, peak_bytes=None)
    assert judged(unknown)["memory"].status is Status.PASS
    assert judged(unknown, memory_mb=100)["memory"].status is Status.WARN


def test_rejects_a_memory_size_that_serverless_does_not_have() -> None:
    with pytest.raises(CliError, match="1024 to 6144 in steps of 1024, got 1500"):
        require_memory_size("serverless", 1500)
    require_memory_size("serverless", 2048)
    require_memory_size("real-time", 1500)


def test_rejects_a_request_above_the_limit_and_names_it() -> None:
    large = replace(SAMPLE, name="large", body=b"x" * (4 * MEBIBYTE + 1))
    found = check_requests([SAMPLE, large], Contract.of("serverless"))
    assert (found.status, found.found) == (Status.FAIL, "large (4 MB)")
    assert check_requests([SAMPLE, large], Contract.of("real-time")).status is Status.PASS


def test_every_limit_of_aws_names_its_page() -> None:
    checks = judged(TRIAL, "serverless", memory_mb=1024)
    for what in ("start", "ping", "answer size", "processing time", "memory"):
        assert checks[what].source.startswith("https://docs.aws.amazon.com/"), what


def test_the_last_line_tells_what_failed_and_what_was_left_out() -> None:
    def verdict(*statuses: Status) -> str:
        checks = tuple(Check(what=one.value, status=one, found="") for one in statuses)
        return Report(model="m", kind="async", checks=checks).verdict

    assert verdict(Status.PASS, Status.WARN) == "m keeps the container contract for async (1 pass, 1 warn)"
    assert verdict(Status.FAIL, Status.NOT_RUN) == "m would not work as async (1 fail, 1 not run)"
    assert verdict(Status.NOT_RUN) == "m could not be checked for async (1 not run)"


def test_numbers_are_written_as_people_do() -> None:
    assert [size_text(one) for one in (0, 999, 1024, 6 * MEBIBYTE, 1024**3)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "6 MB",
        "1 GB",
    ]
    assert [time_text(one) for one in (0.0005, 0.25, 2, 3600)] == ["0.5 ms", "250 ms", "2 s", "3600 s"]
