"""Tiny models for `check-model`, as folders and as archives."""

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

SCRIPT: Final = "code/inference.py"
ECHO: Final = "def model_fn(d): pass\ndef predict_fn(data, model): return {'you_said': data}\n"


def member(
    name: str, *, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, target: str = ""
) -> tarfile.TarInfo:
    """Return an entry of an archive."""
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.linkname = kind, mode, target
    return made


def archive(
    path: Path, files: Mapping[str, str], *, more: Sequence[tarfile.TarInfo] = (), compressed: bool = True
) -> Path:
    """Write an archive with these files, and with entries that hold nothing."""
    with tarfile.open(path, "w:gz" if compressed else "w:") as tar:
        for name, text in files.items():
            made = member(name)
            made.size = len(text.encode())
            tar.addfile(made, io.BytesIO(text.encode()))
        for one in more:
            tar.addfile(one)
    return path


def folder(path: Path, script: str = ECHO) -> Path:
    """Make a folder with an inference script."""
    (path / "code").mkdir(parents=True)
    (path / SCRIPT).write_text(script)
    return path


def by_name(checks: Sequence[Any]) -> dict[str, Any]:
    """Return checks by what they look at."""
    return {check.what: check for check in checks}
