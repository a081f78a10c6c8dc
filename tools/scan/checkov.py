"""Checkov: what is not as safe as it could be."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.scan.finding import Finding
from tools.scan.setup import run_offline
from tools.scan.templates import CHECKOV

_ARGUMENTS = ["--skip-download", "--quiet", "--compact", "--soft-fail", "--framework", "cloudformation"]


def scan(folder: Path) -> list[Finding]:
    """Return what checkov finds in the templates below `folder`.

    Raises:
        RuntimeError: when checkov itself fails, or leaves a template out.

    """
    command = ["-m", "checkov.main", *_ARGUMENTS, "--output", "json", "--directory", str(folder)]
    report = json.loads(run_offline(command, folder=folder))
    if isinstance(report, list) or "results" not in report:
        raise RuntimeError(f"checkov scanned no template: {str(report)[:200]}")
    errors = report["results"].get("parsing_errors", [])
    if errors:
        raise RuntimeError(f"checkov cannot read {', '.join(errors)}")
    return list(read(report))


def read(report: dict[str, Any]) -> Iterator[Finding]:
    """Yield one finding for each check that failed."""
    for check in report["results"]["failed_checks"]:
        yield Finding(
            scanner=CHECKOV,
            template=check["file_path"].lstrip("/"),
            resource=check["resource"].rpartition(".")[2],
            rule=check["check_id"],
            message=check["check_name"],
        )
