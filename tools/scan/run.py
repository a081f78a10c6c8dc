"""One run: synthesize, scan, judge, tell."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.bootstrap import SetupError
from tools.scan import cfn_lint, checkov, report, setup, templates, wildcards
from tools.scan.apps import CDK_SCANNERS, SELF_TEST, apps, synthesize
from tools.scan.finding import Finding, judge

Scan = Callable[[Path], list[Finding]]
TEMPLATE_SCANNERS: Final[dict[str, Scan]] = {
    templates.CFN_LINT: cfn_lint.scan,
    templates.CHECKOV: checkov.scan,
    wildcards.SCANNER: wildcards.scan,
}
# What each scanner has to find in the bad app, or it is not at work.
BAIT: Final = {
    "CloudFormation Validate": "F3002",
    "AwsSolutions": "AwsSolutions-S1",
    "SageMakerChecks": "SageMaker.5",
    templates.CFN_LINT: "E3002",
    templates.CHECKOV: "CKV_AWS_370",
    wildcards.SCANNER: "s3:GetObject",
}


def scan(folder: Path) -> list[str]:
    """Synthesize and scan; print the table; return what is wrong, a line each."""
    found: list[Finding] = []
    names: list[Path] = []
    for app in apps():
        if app.name == SELF_TEST:
            print("the next findings are there on purpose: every scanner must find its own", flush=True)
        found += synthesize(app, folder / "apps" / app.name)
        names += templates.collect(app.name, folder / "apps" / app.name, folder)
    for scanner in TEMPLATE_SCANNERS.values():
        found += _scan_twice(scanner, folder)
    bad = [one for one in found if one.template.startswith(SELF_TEST)]
    good = [one for one in found if not one.template.startswith(SELF_TEST)]
    number = sum(not name.is_relative_to(SELF_TEST) for name in names)
    counts = dict.fromkeys((*CDK_SCANNERS, *TEMPLATE_SCANNERS), number)
    print(*report.table(counts, good), "", "acknowledged:", *report.reasons(good), sep="\n")
    return [*broken_scanners(bad), *report.left(good)]


def broken_scanners(bad: list[Finding]) -> list[str]:
    """Return a line for each scanner that did not find its fault in the bad app."""
    caught = {(one.scanner, one.rule) for one in bad}
    return [
        f"{scanner} is not at work: it did not find {rule} in tools/scan/bad_app.py"
        for scanner, rule in BAIT.items()
        if (scanner, rule) not in caught
    ]


def _scan_twice(scanner: Scan, folder: Path) -> list[Finding]:
    before, after = (scanner(folder / form) for form in (templates.BARE, templates.AS_THEY_ARE))
    names = {one.scanner for one in before}
    reasons = [one for one in templates.acknowledgements(folder) if one.scanner in names]
    return judge(before, after, reasons)


def main(arguments: list[str]) -> int:
    """Set the scanners up, scan, and say what is wrong; return the process's exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.scan", description="Run every scanner over every template."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, help="where the templates are kept; nowhere otherwise"
    )
    folder: Path | None = parser.parse_args(arguments).folder
    try:
        setup.ensure()
        with TemporaryDirectory() as temporary:
            wrong = scan(folder.resolve() if folder is not None else Path(temporary))
    except (SetupError, RuntimeError, OSError) as error:
        print(f"tidegate scan: {error}", file=sys.stderr)
        return 1
    if wrong:
        print(f"\n{len(wrong)} left to fix or to acknowledge (docs/scanners.md):", *wrong, sep="\n")
    return 1 if wrong else 0
