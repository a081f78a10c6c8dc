"""What the README shows works."""

import re
import shutil
from pathlib import Path

from stacks.service_files import load_deployments

ROOT = Path(__file__).parents[1]


def test_the_service_file_of_the_readme_is_accepted(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    (tmp_path / "digits.yaml").write_text(shown.group(1))
    shutil.copy(ROOT / "services" / "environments.yaml", tmp_path)
    (deployment,) = load_deployments(tmp_path, only=None)
    assert deployment.name == "digits-rehearsal"


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []
