"""The folder examples/delivery, to be changed and read."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from stacks.service_files import load_folder
from stacks.yaml_source import BadFiles
from tests.stacks.conftest import DELIVERY as EXAMPLE

Faults = Callable[..., Sequence[str]]
ENVIRONMENTS: Final = "environments.yaml"
CONNECTION: Final = "connection: arn:aws:codeconnections:eu-west-1:444455556666:connection/"
WHOLE_SOURCE: Final = (
    f"{CONNECTION}01234567-89ab-cdef-0123-456789abcdef\n"
    "    repository: my-organization/tidegate\n    branch: main\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(EXAMPLE, tmp_path / "services"))


@pytest.fixture
def faults(folder: Path) -> Faults:
    """Replace texts in a file of the example, and return all faults of the folder."""

    def find(*changes: tuple[str, str], file: str = ENVIRONMENTS) -> Sequence[str]:
        path = folder / file
        text = path.read_text()
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        path.write_text(text)
        with pytest.raises(BadFiles) as refusal:
            load_folder(folder)
        return refusal.value.faults

    return find


def line(text: str, file: str = ENVIRONMENTS) -> int:
    lines = (EXAMPLE / file).read_text().splitlines()
    return next(number for number, one in enumerate(lines, start=1) if text in one)
