import ast
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tidegate import _compatibility_guardrail as guardrail_rules
from tidegate import _compatibility_values as values
from tidegate import instance_families as families
from tidegate.compatibility import LIMITS, Mode
from tidegate.compatibility_numbers import NUMBERS


@pytest.fixture(scope="module")
def api() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _members(api: Any, shape: str) -> set[str]:
    return set(api.shape_for(shape).members)


def bounds(api: Any, shape: str) -> tuple[int, int]:
    metadata = api.shape_for(shape).metadata
    return metadata["min"], metadata["max"]


def test_the_numbers_are_those_of_the_api_model(api: Any) -> None:
    assert bounds(api, "ServerlessMemorySizeInMB") == values.SERVERLESS_MEMORY_MB
    assert bounds(api, "ServerlessMaxConcurrency") == (1, values.MOST_SERVERLESS_CONCURRENCY)
    assert bounds(api, "WaitIntervalInSeconds") == (0, guardrail_rules.LONGEST_WAIT_SECONDS)
    assert bounds(api, "TerminationWaitInSeconds") == (0, guardrail_rules.LONGEST_WAIT_SECONDS)
    assert bounds(api, "MaximumExecutionTimeoutInSeconds") == guardrail_rules.EXECUTION_TIMEOUT_SECONDS
    assert bounds(api, "AlarmList") == (1, guardrail_rules.MOST_ALARMS)
    assert bounds(api, "AlarmName") == (1, guardrail_rules.LONGEST_ALARM_NAME)
    assert bounds(api, "ProductionVariantList") == (1, values.MOST_VARIANTS)
    for shape in ("EndpointName", "EndpointConfigName", "ModelName", "VariantName", "TransformJobName"):
        assert api.shape_for(shape).metadata["max"] == values.LONGEST_NAME
    assert bounds(api, "InvocationsTimeoutInSeconds")[1] == LIMITS[Mode.BATCH].processing_seconds


def test_the_request_limits_are_those_of_the_runtime_api() -> None:
    runtime = botocore.session.get_session().get_service_model("sagemaker-runtime")
    assert runtime.shape_for("BodyBlob").metadata["max"] == LIMITS[Mode.REAL_TIME].payload_mb * 1024 * 1024
    longest = runtime.shape_for("InvocationTimeoutSecondsHeader").metadata["max"]
    assert longest == LIMITS[Mode.ASYNC].processing_seconds
    assert "TargetVariant" not in _members(runtime, "InvokeEndpointAsyncInput")


def test_every_family_that_sagemaker_hosts_on_is_in_exactly_one_table(api: Any) -> None:
    hosted = {families.family(name) for name in api.shape_for("ProductionVariantInstanceType").enum}
    assert hosted - families.LOCAL_DISK - families.VOLUME_ONLY == set()
    assert set() == families.LOCAL_DISK & families.VOLUME_ONLY
    assert families.GPU <= families.LOCAL_DISK | families.VOLUME_ONLY


def test_no_transform_type_has_inferentia_1_or_is_burstable(api: Any) -> None:
    types = api.shape_for("TransformInstanceType").enum
    assert not [name for name in types if families.family(name) == "inf1" or families.is_burstable(name)]


def test_every_rule_about_numbers_is_documented() -> None:
    documented = {rule for rule, *_ in NUMBERS}
    assert documented >= _rule_ids(values.__file__) | _rule_ids(guardrail_rules.__file__)


def _rule_ids(path: str) -> set[str]:
    calls = (
        node
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )
    named = [
        node for node in calls if isinstance(node.func, ast.Name) and node.func.id in ("refused", "Finding")
    ]
    literals = [
        value
        for node in named
        for value in (*node.args[:1], *(k.value for k in node.keywords if k.arg == "rule"))
    ]
    return {str(one.value) for one in literals if isinstance(one, ast.Constant)}
