import importlib.util
from pathlib import Path
from typing import Final

import pytest

from tidegate.instance_regions import why_not_offered

ROOT: Final = Path(__file__).resolve().parents[2]


def test_the_table_is_what_the_pinned_price_list_says() -> None:
    spec = importlib.util.spec_from_file_location("instance_regions_tool", ROOT / "tools/instance_regions.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = (ROOT / "constructs/tidegate/instance_regions.json").read_text(encoding="utf-8")
    assert written == tool.text(), "stale: run python tools/instance_regions.py"


def test_a_type_that_the_region_has_is_offered() -> None:
    assert why_not_offered("hosting", "eu-west-1", "ml.m5.large") is None
    assert why_not_offered("transform", "eu-west-1", "ml.m5.large") is None


@pytest.mark.parametrize(
    ("region", "instance_type", "reason"),
    [
        ("eu-nowhere-1", "ml.m5.large", "the region eu-nowhere-1 is not in the table of hosting instances"),
        (
            "eu-west-1",
            "ml.m55.large",
            "the family m55 is not in the table of hosting instances; did you mean m5?",
        ),
        ("af-south-1", "ml.inf1.24xlarge", "of inf1 it offers 2xlarge, 6xlarge, xlarge"),
        ("af-south-1", "ml.p4d.24xlarge", "regions that do are ap-northeast-1, ap-northeast-2"),
        ("af-south-1", "ml.g5.huge", "no region offers g5 in that size"),
    ],
)
def test_rejects_what_the_table_does_not_have(region: str, instance_type: str, reason: str) -> None:
    found = why_not_offered("hosting", region, instance_type)
    assert found is not None
    assert reason in found
