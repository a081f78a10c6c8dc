"""What docs/check-model.md shows is what the command reads."""

import re
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from tests.cli.check_model.model_folders import ECHO, folder
from tidegate_cli.main import app

PAGE: Final = (Path(__file__).parents[3] / "docs" / "check-model.md").read_text()


def test_the_samples_of_the_page_are_accepted(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    (tmp_path / "samples.yaml").write_text(shown.group(1))
    for name in re.findall(r"file: (\S+)", shown.group(1)):
        (tmp_path / name).write_text('{"instances": [[1]]}')
    model = str(folder(tmp_path / "model", ECHO.replace("you_said", "predictions")))
    result = CliRunner().invoke(app, ["check-model", model, "--samples", str(tmp_path / "samples.yaml")])
    assert "sample: no image at all" in result.stdout, result.output


@pytest.mark.parametrize("option", sorted(set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))))
def test_every_option_of_the_page_exists(option: str) -> None:
    assert option in CliRunner().invoke(app, ["check-model", "--help"], env={"COLUMNS": "200"}).output
