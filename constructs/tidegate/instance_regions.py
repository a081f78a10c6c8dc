"""Which instance types a region offers for hosting and for batch transform.

The table is AWS's price list as the pinned cfn-lint brings it; `tools/instance_regions.py` writes it. A
region may offer what is newer than the table.

Source:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html

"""

import difflib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

Use = Literal["hosting", "transform"]

_TABLE: Final = Path(__file__).with_suffix(".json")
_MOST_NAMED: Final = 6


def why_not_offered(use: Use, region: str, instance_type: str) -> str | None:
    """Return why a region does not seem to offer an instance type; None when the table says that it does.

    Example:
        >>> why_not_offered("hosting", "eu-west-3", "ml.m5.large") is None
        True

    """
    table = _table()[use]
    if region not in table:
        return f"the region {region} is not in the table of {use} instances"
    family, _, size = instance_type.removeprefix("ml.").partition(".")
    known = {one for families in table.values() for one in families}
    if family not in known:
        near = difflib.get_close_matches(family, sorted(known), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"the family {family} is not in the table of {use} instances{hint}"
    if size in table[region].get(family, "").split():
        return None
    return f"{region} does not offer {instance_type} for {use}; {_instead(table, region, family, size)}"


def _instead(table: Mapping[str, Mapping[str, str]], region: str, family: str, size: str) -> str:
    sizes = table[region].get(family)
    if sizes is not None:
        return f"of {family} it offers {', '.join(sizes.split())}"
    where = [name for name, families in table.items() if size in families.get(family, "").split()]
    if not where:
        return f"no region offers {family} in that size"
    more = f" and {len(where) - _MOST_NAMED} more" if len(where) > _MOST_NAMED else ""
    return f"regions that do are {', '.join(where[:_MOST_NAMED])}{more}"


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return found
