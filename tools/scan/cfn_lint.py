"""cfn-lint: what CloudFormation would refuse, and what it advises against."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.scan.finding import Finding
from tools.scan.templates import CFN_LINT


def scan(folder: Path) -> list[Finding]:
    """Return what cfn-lint finds in the templates below `folder`.

    Raises:
        RuntimeError: when cfn-lint itself fails.

    """
    templates = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.template.json"))
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--", *templates],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    # Its exit status adds up the levels it found; 1 alone is a failure of its own.
    if done.returncode == 1 or not done.stdout.strip():
        raise RuntimeError(f"cfn-lint failed: {done.stderr.strip()[-600:]}")
    return list(read(json.loads(done.stdout)))


def read(matches: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield one finding for each match; those outside of the resources go by the name of their section."""
    for match in matches:
        section, *names = [str(part) for part in match["Location"]["Path"] or ["template"]]
        yield Finding(
            scanner=CFN_LINT,
            template=match["Filename"],
            resource=names[0] if section == "Resources" and names else section,
            rule=match["Rule"]["Id"],
            message=match["Message"],
        )
