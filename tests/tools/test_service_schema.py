import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("services", "examples/services", "examples/delivery")
TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def tool(name: str = "service_schema") -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / "services/service.schema.json").read_text(encoding="utf-8")))


def faults(schema: dict[str, Any], node: dict[str, Any], value: Any) -> list[str]:
    """Check the parts of JSON Schema that the tool writes for service files."""
    if "if" in node:
        return faults(schema, node["else" if faults(schema, node["if"], value) else "then"], value)
    if "$ref" in node:
        return faults(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], value)
    if "anyOf" in node:
        return min((faults(schema, one, value) for one in node["anyOf"]), key=len)
    if "type" in node and not isinstance(value, TYPES[node["type"]]):
        return [f"not {node['type']}"]
    found = single_faults(node, value)
    if isinstance(value, dict):
        found += mapping_faults(schema, node, value)
    if isinstance(value, list):
        found += [fault for one in value for fault in faults(schema, node.get("items", {}), one)]
    return found


def single_faults(node: dict[str, Any], value: Any) -> list[str]:
    found = [] if value in node.get("enum", [node.get("const", value)]) else ["not in enum"]
    if isinstance(value, str) and not re.search(node.get("pattern", ""), value):
        found.append("pattern")
    if isinstance(value, int | float) and not isinstance(value, bool):
        inside = node.get("minimum", value) <= value <= node.get("maximum", value)
        found += [] if inside and value > node.get("exclusiveMinimum", value - 1) else ["out of bounds"]
    return found


def mapping_faults(schema: dict[str, Any], node: dict[str, Any], value: dict[str, Any]) -> list[str]:
    known, other = node.get("properties", {}), node.get("additionalProperties")
    found = [f"missing {name}" for name in node.get("required", []) if name not in value]
    for name, inner in value.items():
        named = [
            one for pattern, one in node.get("patternProperties", {}).items() if re.search(pattern, name)
        ]
        if not named and name not in known and other is False:
            found.append(f"unknown {name}")
        else:
            fitting = [*named, known.get(name, other if isinstance(other, dict) else {})][0]
            found += faults(schema, fitting, inner)
    return found


def test_the_schema_is_what_the_models_say(schema: dict[str, Any]) -> None:
    written = (ROOT / "services/service.schema.json").read_text(encoding="utf-8")
    assert written == tool().text(), "stale: run python tools/service_schema.py"


def test_every_service_file_fits_the_schema(schema: dict[str, Any]) -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.yaml")]
    services = [path for path in sorted(files) if path.name != "environments.yaml"]
    assert len(services) >= 12
    for path in services:
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


@pytest.mark.parametrize(
    ("example", "section", "change", "fault"),
    [
        ("serverless", "serverless", {"memory_mb": 1500}, "not in enum"),
        ("serverless", "serverless", {"max_concurrency": 201}, "out of bounds"),
        ("serverless", "serverless", {"guardrails": {}}, "unknown guardrails"),
        ("async", "async", {"outputs": {"answers": "s3://a-bucket/x"}}, "missing failures"),
        ("batch", "batch", {"input": "https://example.com"}, "pattern"),
        ("components", "components", {"models": {"digits": {"copies": 1}}}, "missing model"),
        ("variants", "endpoint", {"variants": {"a": {"weight": 1}}}, "missing instances"),
        ("shadow", "endpoint", {"variants_": {}}, "unknown variants_"),
    ],
)
def test_rejects_what_an_editor_should_mark_in_each_kind(
    schema: dict[str, Any], example: str, section: str, change: dict[str, Any], fault: str
) -> None:
    file = YAML(typ="safe").load(ROOT / "examples" / "services" / f"{example}.yaml")
    assert fault in faults(schema, schema, {**file, section: {**file[section], **change}})


def test_rejects_a_file_without_a_hosting_section(schema: dict[str, Any]) -> None:
    assert faults(schema, schema, {"service": "a", "environments": ["production"]})


def test_the_examples_name_the_schema_for_editors() -> None:
    first = (ROOT / "services/digits.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=service.schema.json"
    for path in ROOT.glob("examples/*/*.yaml"):
        kind = "environments" if path.name == "environments.yaml" else "service"
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema=../../services/{kind}.schema.json", path


def test_every_field_of_every_kind_is_documented(schema: dict[str, Any]) -> None:
    silent = [
        f"{part}.{name}"
        for part, definition in schema["$defs"].items()
        for name, field in definition.get("properties", {}).items()
        if "description" not in field
    ]
    assert silent == []


def test_rejects_a_documented_field_that_does_not_exist(schema: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match=r"no field 'endpoint.colour' in a service file of kind managed"):
        tool().place(schema, "managed", "endpoint.colour")


@pytest.fixture(scope="module")
def environments_schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / "services/environments.schema.json").read_text(encoding="utf-8")))


def test_the_schema_of_environments_is_what_the_models_say() -> None:
    written = (ROOT / "services/environments.schema.json").read_text(encoding="utf-8")
    assert written == tool("environments_schema").text(), "stale: run python tools/environments_schema.py"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_environments_fits_the_schema(environments_schema: dict[str, Any], folder: str) -> None:
    file = YAML(typ="safe").load(ROOT / folder / "environments.yaml")
    assert faults(environments_schema, environments_schema, file) == []


def test_every_field_of_environments_is_documented(environments_schema: dict[str, Any]) -> None:
    silent = [
        f"{part}.{name}"
        for part, definition in environments_schema["$defs"].items()
        for name, field in definition.get("properties", {}).items()
        if "description" not in field
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"execution_mode": "fast"}, "not in enum"),
        ({"stages": [{"name": "dev"}]}, "missing waves"),
        ({"source": {"connection": "mine", "repository": "a/b"}}, "pattern"),
        ({"approvers": []}, "unknown approvers"),
    ],
)
def test_rejects_a_pipeline_that_an_editor_should_mark(
    environments_schema: dict[str, Any], change: dict[str, Any], fault: str
) -> None:
    file = YAML(typ="safe").load(ROOT / "examples/delivery/environments.yaml")
    found = faults(
        environments_schema, environments_schema, {**file, "delivery": {**file["delivery"], **change}}
    )
    assert fault in found
