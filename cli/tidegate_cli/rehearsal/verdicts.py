"""What must be true at the end of a rehearsal."""

from collections.abc import Mapping

from tidegate_cli.operator.ledger import Run
from tidegate_cli.rehearsal.account import Account
from tidegate_cli.rehearsal.result import Check


def about_rollouts(
    runs: Mapping[str, Run], packages: Mapping[str, str], *, pointer: str | None
) -> list[Check]:
    """Check how the rollouts ended.

    Args:
        runs: The rollouts by version.
        packages: The model package ARNs by version.
        pointer: The live pointer.

    """
    first, better, broken = runs["v1"], runs["v2"], runs["v3"]
    judged = [entry.body.get("verdict") for entry in broken.log if entry.kind == "JUDGED"]
    stopped = broken.status == "ROLLED_BACK" and "FAIL" in judged
    zero = broken.first("WEIGHT_ZERO") is not None
    is_first = first.status == "PROMOTED" and bool(first.body.get("first"))
    return [
        Check(what="v1 becomes the first version", ok=is_first, found=first.status),
        Check(what="v2 is promoted", ok=better.status == "PROMOTED", found=_ended(better)),
        Check(what="the judge fails v3, which is rolled back", ok=stopped, found=_ended(broken)),
        Check(what="v3's weight 0 was observed", ok=zero, found="yes" if zero else "not in the ledger"),
        Check(what="the live pointer names v2", ok=pointer == packages["v2"], found=str(pointer)),
    ]


def about_account(account: Account, *, rate: float, at_least: float) -> list[Check]:
    """Check the traffic and its account.

    Args:
        account: The reconciliation.
        rate: Requests a second that the client achieved.
        at_least: Requests a second that it had to.

    """
    differences = [f"{line.what}: {line.difference:+d}" for line in account.lines if line.difference]
    others = [f"{n} x {kind}" for (kind, _), n in account.unexplained.items()]
    return [
        Check(
            what="each request is accounted for",
            ok=account.exact,
            found="; ".join(differences) or f"{account.sent} sent, no difference",
        ),
        Check(
            what="no request failed but by a model's own error",
            ok=not others,
            found=", ".join(others) or "none did",
        ),
        Check(
            what=f"at least {at_least:.0f} requests a second",
            ok=rate >= 0.98 * at_least if at_least < 100 else rate >= at_least,
            found=f"{rate:.0f} a second",
        ),
    ]


def _ended(run: Run) -> str:
    reason = str(run.body.get("reason", ""))
    return f"{run.status}: {reason}" if reason else run.status
