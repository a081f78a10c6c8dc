"""The reconciliation finds each request that one side knows and the other does not."""

import pytest

from tidegate_cli.rehearsal.account import Account, make_account, settle
from tidegate_cli.rehearsal.records import MODEL_ERROR, OK, Record


def _record(outcome: str = OK, variant: str = "live") -> Record:
    return Record(at=1.0, milliseconds=2.0, outcome=outcome, variant=variant, version="v1", right=True)


RECORDS = [_record(), _record(), _record(variant="candidate"), _record(MODEL_ERROR, "candidate")]
CLOUD = {
    ("Invocations", "live"): 2,
    ("Invocations", "candidate"): 2,
    ("InvocationModelErrors", "candidate"): 1,
}


def test_an_account_in_which_all_agree_is_exact() -> None:
    account = make_account(4, RECORDS, CLOUD)
    assert account.exact
    assert account.served == {"live": 2, "candidate": 1}
    assert account.failed == {(MODEL_ERROR, "candidate"): 1}
    assert not account.unexplained


@pytest.mark.parametrize(
    ("sent", "key", "delta"),
    [
        (5, None, 0),
        (4, ("Invocations", "live"), 1),
        (4, ("Invocations", "candidate"), -1),
        (4, ("InvocationModelErrors", "candidate"), 1),
        (4, ("InvocationModelErrors", "live"), 1),
    ],
)
def test_rejects_an_account_that_is_off_by_one_anywhere(
    sent: int, key: tuple[str, str] | None, delta: int
) -> None:
    cloud = dict(CLOUD)
    if key is not None:
        cloud[key] = cloud.get(key, 0) + delta
    account = make_account(sent, RECORDS, cloud)
    assert not account.exact
    assert [abs(line.difference) for line in account.lines].count(1) == 1


def test_a_failure_that_no_model_caused_is_named() -> None:
    account = make_account(5, [*RECORDS, _record("ReadTimeoutError", "-")], CLOUD)
    assert account.unexplained == {("ReadTimeoutError", "-"): 1}


def test_a_model_error_without_a_variant_is_not_explained() -> None:
    account = make_account(5, [*RECORDS, _record(MODEL_ERROR, "-")], CLOUD)
    assert account.unexplained == {(MODEL_ERROR, "-"): 1}


def test_late_metrics_are_waited_for() -> None:
    late = iter([{}, {}, CLOUD])

    def read() -> Account:
        return make_account(4, RECORDS, next(late))

    assert settle(read, timeout_seconds=60, sleep=lambda _: None).exact


def test_metrics_that_never_come_leave_the_differences() -> None:
    account = settle(lambda: make_account(4, RECORDS, {}), timeout_seconds=0, sleep=lambda _: None)
    assert not account.exact
