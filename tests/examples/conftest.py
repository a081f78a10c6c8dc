"""Run an example app as its user would, and read the template it makes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]


@pytest.fixture
def synthesize(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    def run(example: str) -> dict[str, Any]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "constructs"),
            "CDK_VALIDATION": "false",
            "CDK_OUTDIR": str(tmp_path / "out"),
        }
        subprocess.run(
            [sys.executable, str(ROOT / "examples" / example / "app.py")],
            cwd=tmp_path,
            env=environment,
            timeout=120,
            check=True,
        )
        (template,) = (tmp_path / "out").glob("*.template.json")
        return dict(json.loads(template.read_text()))

    return run
