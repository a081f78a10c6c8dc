"""Write services/environments.schema.json from the pydantic models (`python tools/environments_schema.py`).

Editors read it while environments.yaml is written. What a field means is taken from docs/service-file.md.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = ROOT / "services" / "environments.schema.json"
sys.path[:0] = [str(ROOT), str(ROOT / "constructs")]

from stacks.environments_file import SECTIONS  # noqa: E402
from stacks.fields.delivery import DeliveryPart  # noqa: E402
from stacks.fields.people import PeoplePart  # noqa: E402
from stacks.service_file import Environment  # noqa: E402
from tools.service_schema import ROW, paths, place  # noqa: E402

_SECTION: Final = "## Environments"


def schema() -> dict[str, Any]:
    """Return the schema of environments.yaml, with the meaning of each documented field.

    Raises:
        LookupError: the documentation names a field that there is not.

    """
    definitions: dict[str, Any] = {}
    kinds: Mapping[str, type[BaseModel]] = {
        "delivery": DeliveryPart,
        "environment": Environment,
        "people": PeoplePart,
    }
    for name, kind in kinds.items():
        one = kind.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= {**one.pop("$defs", {}), name: one}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "EnvironmentsFile",
        "type": "object",
        "$defs": definitions,
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in SECTIONS},
        "additionalProperties": {"$ref": "#/$defs/environment"},
    }
    for path, meaning in meanings((ROOT / "docs" / "service-file.md").read_text(encoding="utf-8")):
        section, _, rest = path.partition(".")
        kind_name, below = (section, rest) if section in SECTIONS else ("environment", path)
        if path not in SECTIONS:
            place(whole, kind_name, below)["description"] = meaning
    return whole


def meanings(documentation: str) -> Iterator[tuple[str, str]]:
    """Yield path and meaning of every field in the section about environments."""
    section = documentation.partition(f"\n{_SECTION}\n")[2].partition("\n## ")[0]
    for row in ROW.finditer(section):
        yield from ((path, row["meaning"].strip()) for path in paths(row["fields"]))


def text() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    print(f"wrote {SCHEMA.relative_to(ROOT)}")
