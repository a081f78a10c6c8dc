import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Final

from tidegate.compatibility import COMBINATIONS, Feature, Mode
from tidegate.compatibility_numbers import RULES

ROOT: Final = Path(__file__).resolve().parents[2]


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compatibility_page", ROOT / "tools/compatibility_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_table_says() -> None:
    written = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    assert written == tool().page(), "stale: run python tools/compatibility_page.py"


def test_the_page_has_every_feature_and_every_kind() -> None:
    page = str(tool().page())
    assert all(f"### {feature.value}\n" in page for feature in Feature)
    assert f"|  | {' | '.join(mode.value for mode in Mode)} |" in page


def test_the_page_has_every_rule_that_a_construct_can_break_with_its_source() -> None:
    page = str(tool().page())
    lines = {line.split(" | ")[0].strip("| `"): line for line in page.splitlines() if line.startswith("| `")}
    pairs = {f"{one.value}+{other.value}": found for (one, other), found in COMBINATIONS.items()}
    sources = {rule: one.source for rule, one in RULES.items()}
    sources |= {pair: found.source for pair, found in pairs.items()}
    assert set(lines) == set(sources)
    assert all(f"]({source}) |" in lines[rule] for rule, source in sources.items())
