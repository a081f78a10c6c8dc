"""Write the table of instance types by region (`python tools/instance_regions.py`).

The pinned cfn-lint brings what AWS's price list offers for hosting and batch transform in each region; the
wheel must not need cfn-lint, so that the table is written out.

Source:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html

"""

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "constructs" / "tidegate" / "instance_regions.json"
_USES: Final = ("hosting", "transform")


def table() -> dict[str, dict[str, dict[str, str]]]:
    """Return use, region and family, with the sizes in one text."""
    return {use: _regions(use) for use in _USES}


def _regions(use: str) -> dict[str, dict[str, str]]:
    found = files("cfnlint.data.schemas.extensions") / f"aws_sagemaker_{use}" / "instancetype_enum.json"
    by_region = json.loads(found.read_text(encoding="utf-8"))
    return {
        region: _families(listed["enum"])
        for region, listed in sorted(by_region.items())
        if isinstance(listed, dict)
    }


def _families(types: list[str]) -> dict[str, str]:
    sizes: dict[str, list[str]] = defaultdict(list)
    for one in sorted(types):
        _, family, size = one.split(".")
        sizes[family].append(size)
    return {family: " ".join(found) for family, found in sizes.items()}


def text() -> str:
    """Return the file's text, a region a line."""
    uses = [
        f'"{use}": {{\n'
        + ",\n".join(
            f'"{region}": {json.dumps(found, separators=(",", ":"))}' for region, found in regions.items()
        )
        + "\n}"
        for use, regions in table().items()
    ]
    return "{\n" + ",\n".join(uses) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(ROOT)}")
