"""Write services/service.schema.json from the pydantic models (`python tools/service_schema.py`).

Editors read it while a service file is written. What a field means is taken from docs/service-file.md.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = ROOT / "services" / "service.schema.json"
sys.path[:0] = [str(ROOT), str(ROOT / "constructs")]

from stacks.service_file import ServiceFile  # noqa: E402

_ROW: Final = re.compile(r"\| (?P<fields>`[^|]+`) \| (?P<meaning>[^|]+) \|")


def schema() -> dict[str, Any]:
    """Return the schema of a service file, with the meaning of each documented field."""
    whole = ServiceFile.model_json_schema()
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    documentation = (ROOT / "docs" / "service-file.md").read_text(encoding="utf-8")
    for path, meaning in meanings(documentation):
        place(whole, path)["description"] = meaning
    return whole


def text() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def meanings(documentation: str) -> Iterator[tuple[str, str]]:
    """Yield path and meaning of every field in the table "Fields"."""
    table = documentation.partition("\n## Fields\n")[2].partition("\n## ")[0]
    for row in _ROW.finditer(table):
        above = ""
        for field in re.findall(r"`([^`]+)`", row["fields"]):
            path = f"{above}{field}" if field.startswith(".") else field
            above = path.rpartition(".")[0]
            yield path, row["meaning"].strip()


def place(whole: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the schema of the field at `path`, for example `rollout.steps[].min_requests`.

    Raises:
        LookupError: the service file has no such field.

    """
    node: dict[str, Any] = dict(whole)
    for name in path.split("."):
        container = _resolved(whole, node)
        if name.startswith("<"):
            node = container["additionalProperties"]
        elif name.removesuffix("[]") in container.get("properties", {}):
            node = container["properties"][name.removesuffix("[]")]
        else:
            raise LookupError(f"docs/service-file.md: no field {path!r} in the service file")
    return node


def _resolved(whole: Mapping[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _resolved(whole, whole["$defs"][node["$ref"].rpartition("/")[2]])
    if "anyOf" in node:
        return _resolved(whole, next(one for one in node["anyOf"] if one.get("type") != "null"))
    return _resolved(whole, node["items"]) if "items" in node else node


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    print(f"wrote {SCHEMA.relative_to(ROOT)}")
