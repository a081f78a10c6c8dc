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

from stacks.fields.kinds import KINDS  # noqa: E402
from stacks.service_file import SECTIONS  # noqa: E402

_HEADING: Final = re.compile(r"^### Fields of (?P<kinds>.+?)(?:: \w+)?$", re.MULTILINE)
ROW: Final = re.compile(r"\| (?P<fields>`[^|]+`) \| (?P<meaning>[^|]+) \|")


def schema() -> dict[str, Any]:
    """Return the schema of a service file, with the meaning of each documented field.

    As when a file is read, its hosting section decides which kind it is, and it is checked as that kind only.

    Raises:
        ValueError: two different parts have the same name.
        LookupError: the documentation names a field that there is not.

    """
    definitions: dict[str, Any] = {}
    for name, kind in KINDS.items():
        one = kind().model_json_schema(ref_template="#/$defs/{model}")
        for part, content in {**one.pop("$defs", {}), name: one}.items():
            if definitions.setdefault(part, content) != content:
                raise ValueError(f"two parts of service files must not share a name, got {part!r} twice")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ServiceFile",
        "type": "object",
        "$defs": definitions,
        # Named here too, so that an editor offers them in an empty file.
        "properties": {section: {} for section in SECTIONS},
        **_decided(),
    }
    documentation = (ROOT / "docs" / "service-file.md").read_text(encoding="utf-8")
    for kind_name, path, meaning in meanings(documentation):
        place(whole, kind_name, path)["description"] = meaning
    return whole


def _decided() -> dict[str, Any]:
    """Return the chain of questions that ends at the kind of a file."""
    variants = {"required": ["endpoint"], "properties": {"endpoint": {"required": ["variants"]}}}
    managed = {"required": ["endpoint", "rollout"]}
    conditions = [(managed, "managed"), (variants, "variants")]
    conditions += [({"required": [section]}, section) for section in SECTIONS]
    chain: dict[str, Any] = {"anyOf": [{"required": [section]} for section in SECTIONS]}
    for condition, name in reversed(conditions):
        chain = {"if": condition, "then": {"$ref": f"#/$defs/{name}"}, "else": chain}
    return chain


def text() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def meanings(documentation: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, path and meaning of every field in the tables "Fields of ...", for each of their kinds."""
    parts = _HEADING.split(documentation)[1:]
    for heading, section in zip(parts[::2], parts[1::2], strict=True):
        table = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
        kinds = list(KINDS) if heading == "every kind" else re.findall(r"`([^`]+)`", heading)
        for row in ROW.finditer(table):
            for path in paths(row["fields"]):
                yield from ((kind, path, row["meaning"].strip()) for kind in kinds)


def paths(fields: str) -> Iterator[str]:
    """Yield the paths of a table's first cell, in which `.field` lies beside the one before."""
    above = ""
    for field in re.findall(r"`([^`]+)`", fields):
        path = f"{above}{field}" if field.startswith(".") else field
        above = path.rpartition(".")[0]
        yield path


def place(whole: Mapping[str, Any], kind: str, path: str) -> dict[str, Any]:
    """Return the schema of the field at `path` of a kind, for example `rollout.steps[].min_requests`.

    Raises:
        LookupError: such a service file has no such field.

    """
    node: dict[str, Any] = whole["$defs"][kind]
    for name in path.split("."):
        container = resolved(whole, node)
        if name.startswith("<"):
            node = _each(container)
        elif name.removesuffix("[]") in container.get("properties", {}):
            node = container["properties"][name.removesuffix("[]")]
        else:
            raise LookupError(f"docs/service-file.md: no field {path!r} in a service file of kind {kind}")
    return node


def _each(container: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of every value of a mapping whose keys are the user's names."""
    found: dict[str, Any] = container.get("additionalProperties") or {}
    return found or next(iter(container["patternProperties"].values()))


def resolved(whole: Mapping[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a node means: behind a reference, a choice with nothing, or a list."""
    if "$ref" in node:
        return resolved(whole, whole["$defs"][node["$ref"].rpartition("/")[2]])
    if "anyOf" in node:
        return resolved(whole, next(one for one in node["anyOf"] if one.get("type") != "null"))
    return resolved(whole, node["items"]) if "items" in node else node


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    print(f"wrote {SCHEMA.relative_to(ROOT)}")
