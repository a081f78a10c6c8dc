import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tidegate import _rulebook_guardrails as guardrail_rules
from tidegate import _rulebook_hosting as hosting
from tidegate import compatibility
from tidegate import instance_families as families
from tidegate._validation import Faults
from tidegate.compatibility import LIMITS, Mode
from tidegate.compatibility_numbers import AREAS, RULES

CONSTRUCTS = Path(compatibility.__file__).parent
REFUSING = {"require", "rule", "refusal", "broken", "ValueError"}


@pytest.fixture(scope="module")
def api() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _members(api: Any, shape: str) -> set[str]:
    return set(api.shape_for(shape).members)


def bounds(api: Any, shape: str) -> tuple[int, int]:
    metadata = api.shape_for(shape).metadata
    return metadata["min"], metadata["max"]


def test_the_numbers_are_those_of_the_api_model(api: Any) -> None:
    assert bounds(api, "ServerlessMemorySizeInMB") == hosting.SERVERLESS_MEMORY_MB
    assert bounds(api, "ServerlessMaxConcurrency") == (1, hosting.MOST_SERVERLESS_CONCURRENCY)
    assert bounds(api, "WaitIntervalInSeconds") == (0, guardrail_rules.LONGEST_WAIT_SECONDS)
    assert bounds(api, "TerminationWaitInSeconds") == (0, guardrail_rules.LONGEST_WAIT_SECONDS)
    assert bounds(api, "MaximumExecutionTimeoutInSeconds") == guardrail_rules.EXECUTION_TIMEOUT_SECONDS
    assert bounds(api, "AlarmList") == (1, guardrail_rules.MOST_ALARMS)
    assert bounds(api, "AlarmName") == (1, guardrail_rules.LONGEST_ALARM_NAME)
    assert bounds(api, "ProductionVariantList") == (1, hosting.MOST_VARIANTS)
    for shape in ("EndpointName", "EndpointConfigName", "ModelName", "VariantName", "TransformJobName"):
        assert api.shape_for(shape).metadata["max"] == hosting.LONGEST_NAME
    assert bounds(api, "InvocationsTimeoutInSeconds")[1] == LIMITS[Mode.BATCH].processing_seconds


def test_the_request_limits_are_those_of_the_runtime_api() -> None:
    runtime = botocore.session.get_session().get_service_model("sagemaker-runtime")
    assert runtime.shape_for("BodyBlob").metadata["max"] == LIMITS[Mode.REAL_TIME].payload_mb * 1024 * 1024
    longest = runtime.shape_for("InvocationTimeoutSecondsHeader").metadata["max"]
    assert longest == LIMITS[Mode.ASYNC].processing_seconds
    targets = {"TargetVariant", "TargetModel", "TargetContainerHostname"}
    assert targets <= _members(runtime, "InvokeEndpointInput")
    assert targets.isdisjoint(_members(runtime, "InvokeEndpointAsyncInput"))


def test_every_family_that_sagemaker_hosts_on_is_in_exactly_one_table(api: Any) -> None:
    hosted = {families.family(name) for name in api.shape_for("ProductionVariantInstanceType").enum}
    assert hosted - families.LOCAL_DISK - families.VOLUME_ONLY == set()
    assert set() == families.LOCAL_DISK & families.VOLUME_ONLY
    assert families.GPU <= families.LOCAL_DISK | families.VOLUME_ONLY


def test_no_transform_type_has_inferentia_1_or_is_burstable(api: Any) -> None:
    types = api.shape_for("TransformInstanceType").enum
    assert not [name for name in types if families.family(name) == "inf1" or families.is_burstable(name)]


def test_every_bound_of_a_rule_is_that_of_the_api_model(api: Any) -> None:
    shapes = {
        "volume-size": "ProductionVariantVolumeSizeInGB",
        "download-timeout": "ProductionVariantModelDataDownloadTimeoutInSeconds",
        "startup-timeout": "ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
        "provision-timeout": "VariantInstanceProvisionTimeoutInSeconds",
        "async-concurrency": "MaxConcurrentInvocationsPerInstance",
        "capture-percent": "SamplingPercentage",
        "component-wait": "WaitIntervalInSeconds",
        "component-timeout": "MaximumExecutionTimeoutInSeconds",
        "transform-timeout": "InvocationsTimeoutInSeconds",
        "transform-retries": "InvocationsMaxRetries",
    }
    assert {rule: RULES[rule].bounds for rule in shapes} == {
        rule: bounds(api, shape) for rule, shape in shapes.items()
    }
    assert bounds(api, "InstancePoolList") == (1, hosting.MOST_POOLS)


def test_a_rule_that_is_not_in_the_book_cannot_be_asked() -> None:
    with pytest.raises(LookupError):
        Faults("x").rule("no-such-rule", ok=True, message="never")
    with pytest.raises(LookupError, match="rule 'name-length' has no bounds"):
        Faults("x").within("name-length", field=1)


def test_every_rule_has_a_source_and_its_area_alone() -> None:
    assert len(RULES) == sum(len(area) for area in AREAS.values())
    for one in RULES.values():
        assert one.source.startswith(("https://docs.aws.amazon.com/", "https://github.com/"))
        assert one.severity in {"error", "warning"}
        assert not one.because.endswith(".")


def test_every_rule_of_the_book_can_be_broken_somewhere_and_no_other_is_named() -> None:
    named = {
        text
        for path in CONSTRUCTS.glob("*.py")
        if not path.name.startswith("_rulebook")
        for text in _texts(path)
    }
    assert set(RULES) - named == set()
    asked = {rule for path in CONSTRUCTS.glob("*.py") for rule in _asked(path)}
    assert asked - set(RULES) == set()


def test_a_refusal_names_a_page_of_aws_through_its_rule_only() -> None:
    assert {path.name for path in CONSTRUCTS.glob("*.py") if _names_a_page(path)} == set()


def _names_a_page(path: Path) -> bool:
    """Return whether a refusal of the module has a page in its own words, or a constant with one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pages = {
        ast.unparse(node.target)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and "docs.aws.amazon.com" in ast.unparse(node)
    }
    refusals = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in REFUSING
    ]
    parts = [part for refusal in refusals for part in ast.walk(refusal)]
    return any(
        (isinstance(part, ast.Name) and part.id in pages)
        or (isinstance(part, ast.Constant) and "docs.aws.amazon.com" in str(part.value))
        for part in parts
    )


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def _asked(path: Path) -> Iterator[str]:
    """Yield the ids of the rules that a module asks by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in {"broken", "refusal", "rule", "within"}:
            yield str(node.args[0].value)
