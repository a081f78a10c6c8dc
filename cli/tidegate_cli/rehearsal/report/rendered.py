"""A report as one self-contained HTML file: a template, filled, that appears complete or not at all."""

import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def rendered(folder: Path, **values: Any) -> str:
    """Return the HTML of `template.html.j2` in a folder; a value that the template misses is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("template.html.j2").render(**values)


def write_whole(html: str, path: Path) -> None:
    """Write a file that appears complete or not at all.

    Raises:
        OSError: it cannot be written, for example because the disk is full.

    """
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        partial.write_text(html, encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105 - replaces atomically on every system
    finally:
        partial.unlink(missing_ok=True)
