"""The end of a log, in a line."""

import re
from pathlib import Path
from typing import Final

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TELLING: Final = re.compile(r"error|fail|refus|denied|invalid|no space|exception", re.IGNORECASE)
_LONGEST: Final = 400


def last_lines(log: Path, count: int = 3) -> str:
    """Return the last lines of a log that tell of a failure, else its last lines, joined into one line."""
    if not log.exists():
        return ""
    text = _COLOURS.sub("", log.read_text(errors="replace"))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    return " | ".join(line[:_LONGEST] for line in (telling or lines)[-count:])
