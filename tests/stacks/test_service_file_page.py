"""What docs/service-file.md shows works, and is what the examples say."""

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from stacks.service_files import load_deployments

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = ROOT / "examples" / "services"
PAGE: Final = (ROOT / "docs" / "service-file.md").read_text(encoding="utf-8")
SHOWN: Final = {
    found[1]: block
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    if (found := re.search(r"^service: (\S+)$", block, re.MULTILINE)) is not None
}


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_shown_file_is_accepted_and_is_the_example(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.yaml").write_text(SHOWN[name])
    shutil.copy(EXAMPLES / "environments.yaml", tmp_path)
    (deployment,) = load_deployments(tmp_path)
    assert deployment.name == f"{name}-production"
    assert (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[2] == SHOWN[name]


def test_every_hosting_section_is_shown() -> None:
    assert set(SHOWN) == {"rolled-out", "shadow", "variants", "serverless", "async", "components", "batch"}


def test_every_file_that_the_page_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
