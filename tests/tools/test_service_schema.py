import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parents[2]
TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("service_schema", ROOT / "tools/service_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / "services/service.schema.json").read_text(encoding="utf-8")))


def faults(schema: dict[str, Any], node: dict[str, Any], value: Any) -> list[str]:
    """Check the parts of JSON Schema that pydantic writes for service files."""
    if "$ref" in node:
        return faults(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], value)
    if "anyOf" in node:
        return min((faults(schema, one, value) for one in node["anyOf"]), key=len)
    if "type" in node and not isinstance(value, TYPES[node["type"]]):
        return [f"not {node['type']}"]
    found = [] if value in node.get("enum", [value]) else ["not in enum"]
    if isinstance(value, str) and not re.search(node.get("pattern", ""), value):
        found.append("pattern")
    if isinstance(value, dict):
        known, other = node.get("properties", {}), node.get("additionalProperties")
        found += [f"missing {name}" for name in node.get("required", []) if name not in value]
        for name, inner in value.items():
            if name not in known and other is False:
                found.append(f"unknown {name}")
            else:
                found += faults(schema, known.get(name, other if isinstance(other, dict) else {}), inner)
    if isinstance(value, list):
        found += [fault for one in value for fault in faults(schema, node.get("items", {}), one)]
    return found


def test_the_schema_is_what_the_models_say(schema: dict[str, Any]) -> None:
    written = (ROOT / "services/service.schema.json").read_text(encoding="utf-8")
    assert written == tool().text(), "stale: run python tools/service_schema.py"


def test_every_service_file_fits_the_schema(schema: dict[str, Any]) -> None:
    for path in sorted((ROOT / "services").glob("*.yaml")):
        if path.name != "environments.yaml":
            assert faults(schema, schema, YAML(typ="safe").load(path)) == [], path


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"service": "Digits!"}, "pattern"),
        ({"replicas": 2}, "unknown replicas"),
        ({"environments": "rehearsal"}, "not array"),
        ({"endpoint": {"instance_type": "m5.large", "instances": 2}}, "pattern"),
        ({"endpoint": {"instance_type": "ml.m5.large"}}, "missing instances"),
        ({"needs": {"traffic": "bursty"}}, "not in enum"),
    ],
)
def test_rejects_what_an_editor_should_mark(
    schema: dict[str, Any], change: dict[str, Any], fault: str
) -> None:
    digits = YAML(typ="safe").load(ROOT / "services/digits.yaml")
    assert fault in faults(schema, schema, {**digits, **change})


def test_the_example_names_the_schema_for_editors() -> None:
    first = (ROOT / "services/digits.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=service.schema.json"


def test_every_documented_field_exists_and_every_top_field_is_documented(schema: dict[str, Any]) -> None:
    documentation = (ROOT / "docs/service-file.md").read_text(encoding="utf-8")
    paths = [path for path, _ in tool().meanings(documentation)]
    assert {path.split(".")[0].removesuffix("[]") for path in paths} == set(schema["properties"])
    assert {f"needs.{name}" for name in schema["$defs"]["NeedsPart"]["properties"]} <= set(paths)


def test_rejects_a_documented_field_that_does_not_exist(schema: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match=r"no field 'endpoint.colour'"):
        tool().place(schema, "endpoint.colour")
