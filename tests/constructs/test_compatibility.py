from collections.abc import Sequence
from typing import Any, Final

import pytest

from tidegate import _compatibility_guardrail as guardrail_rules
from tidegate.compatibility import (
    COMBINATIONS,
    LIMITS,
    TABLE,
    Feature,
    Finding,
    Fleet,
    Guardrail,
    Mode,
    ServerlessSize,
    Severity,
    Verdict,
    cell,
    check,
    refuse,
)

# As reviewed against AWS's pages, apart from the table: yes, if, silently not (s), no (-).
# Columns: real-time, multi-model, direct, serial, components, serverless, async, batch.
REVIEWED: Final = """
several-variants          y y y y i - i -
ab-test                   y y y y s - - -
shadow                    i - - - i - - -
canary-by-weights         y i i y s - - -
guardrail-all-at-once     y y y y - s y -
guardrail-canary          y y y y - s y -
guardrail-linear          y y y y - s y -
guardrail-rolling         y y y y y s y -
autoscaling               y i i y y i i -
scale-to-zero             - - - - i y i y
managed-instance-scaling  - - - - i - - -
provisioned-concurrency   - - - - - i - -
data-capture              y i i i i - - y
model-monitor             i - - - - - - i
vpc                       y y y y i - y y
network-isolation         y y y y i - y y
multi-model-container     y y - i - - - -
inference-pipeline        y i - y - - - y
direct-containers         y - y - - - - -
uncompressed-artifact     y - y y y - y -
instance-pools            y - - - y - y -
marketplace               y - - - i - - y
inf1                      y - - - i - - -
gpu                       y y - y y - y y
volume-key                i i i i i y i i
large-payloads            - - - - - - y i
long-processing           - - - - - - y i
"""
SIGNS: Final = {"y": Verdict.ALLOWED, "i": Verdict.CONDITIONAL, "s": Verdict.FALLS_BACK, "-": Verdict.REFUSED}
SEVERITIES: Final = {
    Verdict.ALLOWED: None,
    Verdict.CONDITIONAL: Severity.NOTE,
    Verdict.FALLS_BACK: Severity.ERROR,
    Verdict.REFUSED: Severity.ERROR,
}
LINES: Final = [line.split() for line in REVIEWED.strip().splitlines()]
CELLS: Final = [
    pytest.param(mode, Feature(name), SIGNS[sign], id=f"{mode.value}/{name}")
    for name, *signs in LINES
    for mode, sign in zip(Mode, signs, strict=True)
]
TWO: Final = Fleet(name="live", instance_type="ml.m5.large", instances=2)


def rules(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def fleet(**changes: Any) -> Fleet:
    return Fleet(**{"name": "live", "instance_type": "ml.m5.large", "instances": 2, **changes})


def test_every_feature_and_kind_has_a_cell_and_was_reviewed() -> None:
    assert [name for name, *_ in LINES] == [feature.value for feature in Feature]
    assert list(TABLE) == list(Feature)
    assert all(list(row) == list(Mode) for row in TABLE.values())


@pytest.mark.parametrize(("mode", "feature", "verdict"), CELLS)
def test_a_cell_says_what_was_reviewed(mode: Mode, feature: Feature, verdict: Verdict) -> None:
    found = cell(mode, feature)
    assert found.verdict is verdict
    assert found.source.startswith(("https://docs.aws.amazon.com/", "https://github.com/"))
    own = [one for one in check(mode, {feature}) if one.rule == f"{mode.value}/{feature.value}"]
    severity = SEVERITIES[verdict]
    assert [one.severity for one in own] == ([] if severity is None else [severity])
    assert all(one.reason == f"{feature.value}: {found.reason}" for one in own)


@pytest.mark.parametrize("pair", list(COMBINATIONS), ids=lambda pair: f"{pair[0].value}+{pair[1].value}")
def test_rejects_features_that_do_not_go_together(pair: tuple[Feature, Feature]) -> None:
    one, other = pair
    rule = f"{one.value}+{other.value}"
    assert rule in rules(check(Mode.REAL_TIME, {one, other}))
    assert rule not in rules(check(Mode.REAL_TIME, {one}))
    assert rule not in rules(check(Mode.REAL_TIME, {other}))


def test_native_guardrails_fall_back_silently_with_marketplace_and_inferentia_1() -> None:
    quiet = {pair for pair, found in COMBINATIONS.items() if found.verdict is Verdict.FALLS_BACK}
    kinds = [feature for feature in Feature if feature.value.startswith("guardrail-")]
    assert quiet == {
        *((kind, excluded) for kind in kinds for excluded in (Feature.MARKETPLACE, Feature.INF1)),
        (Feature.GUARDRAIL_ROLLING, Feature.SEVERAL_VARIANTS),
    }


def test_a_shadow_excludes_marketplace_inferentia_1_and_more_production_variants() -> None:
    refused = {pair for pair, found in COMBINATIONS.items() if found.verdict is Verdict.REFUSED}
    assert {pair for pair in refused if Feature.SHADOW in pair} == {
        (Feature.SHADOW, other) for other in (Feature.MARKETPLACE, Feature.INF1, Feature.SEVERAL_VARIANTS)
    }


def test_an_uncompressed_artifact_excludes_marketplace_and_many_models() -> None:
    refused = {pair for pair, found in COMBINATIONS.items() if found.verdict is Verdict.REFUSED}
    assert {pair for pair in refused if Feature.UNCOMPRESSED in pair} == {
        (Feature.UNCOMPRESSED, other) for other in (Feature.MARKETPLACE, Feature.MULTI_MODEL)
    }


def test_features_are_read_from_the_rest_of_the_declaration() -> None:
    found = check(
        Mode.ASYNC,
        fleets=[fleet(instance_type="ml.inf1.xlarge"), fleet(name="b", instance_type="ml.g5.xlarge")],
        guardrail=Guardrail(kind="rolling", size=50),
    )
    assert {
        "async/several-variants",
        "async/inf1",
        "guardrail-rolling+inf1",
        "guardrail-rolling+several-variants",
    } <= set(rules(found))
    size = ServerlessSize(memory_mb=1024, max_concurrency=1, provisioned_concurrency=1)
    assert rules(check(Mode.SERVERLESS, serverless=size)) == ["serverless/provisioned-concurrency"]
    assert rules(check(Mode.SERVERLESS, fleets=[fleet(instance_type="ml.g5.xlarge")])) == ["serverless/gpu"]


def test_rejects_a_monitor_without_capture() -> None:
    assert "monitor-without-capture" in rules(check(Mode.REAL_TIME, {Feature.MODEL_MONITOR}))
    both = {Feature.MODEL_MONITOR, Feature.DATA_CAPTURE}
    assert "monitor-without-capture" not in rules(check(Mode.REAL_TIME, both))


def test_rejects_a_name_of_64_characters() -> None:
    (found,) = check(Mode.REAL_TIME, names={"endpoint_name": "x" * 64, "variant": "x" * 63})
    assert found.rule == "name-length"
    assert found.reason.startswith("endpoint_name must be at most 63 characters, got 64")


def test_rejects_scaling_of_burstable_types_but_not_of_trainium() -> None:
    for burstable in ("ml.t2.medium", "ml.t3.large"):
        found = check(Mode.REAL_TIME, {Feature.AUTOSCALING}, fleets=[fleet(instance_type=burstable)])
        assert rules(found) == ["burstable-scaling"]
    assert check(Mode.REAL_TIME, fleets=[fleet(instance_type="ml.t2.medium")]) == []
    assert check(Mode.REAL_TIME, {Feature.AUTOSCALING}, fleets=[fleet(instance_type="ml.trn1.2xlarge")]) == []


@pytest.mark.parametrize("mode", [Mode.REAL_TIME, Mode.ASYNC, Mode.BATCH], ids=lambda mode: mode.value)
def test_rejects_a_volume_key_on_a_local_disk(mode: Mode) -> None:
    refused = check(mode, {Feature.VOLUME_KEY}, fleets=[fleet(instance_type="ml.p5en.48xlarge")])
    allowed = check(mode, {Feature.VOLUME_KEY}, fleets=[fleet(instance_type="ml.m5.large")])
    assert "volume-key-local-disk" in rules(refused)
    assert "volume-key-local-disk" not in rules(allowed)


@pytest.mark.parametrize("accelerator", ["ml.eia1.medium", "ml.eia2.xlarge"])
def test_rejects_elastic_inference_and_names_its_successors(accelerator: str) -> None:
    (found,) = check(Mode.REAL_TIME, accelerator=accelerator)
    assert found.rule == "elastic-inference-retired"
    assert all(successor in found.reason for successor in ("ml.inf2", "ml.g5", "inference components"))
    assert check(Mode.REAL_TIME, fleets=[fleet(instance_type=accelerator)]) == [found]


def test_one_instance_is_a_warning_that_can_be_acknowledged() -> None:
    (found,) = check(Mode.REAL_TIME, fleets=[fleet(instances=1), fleet(instances=2)][:1])
    assert (found.rule, found.severity) == ("one-instance", Severity.WARNING)
    assert check(Mode.REAL_TIME, fleets=[fleet(instances=1)], acknowledged={"one-instance"}) == []


def test_an_error_cannot_be_acknowledged() -> None:
    assert rules(check(Mode.SERVERLESS, {Feature.VPC}, acknowledged={"serverless/vpc"})) == ["serverless/vpc"]


@pytest.mark.parametrize(
    ("size", "rule"),
    [
        ({"memory_mb": 1023}, "serverless-memory"),
        ({"memory_mb": 1536}, "serverless-memory"),
        ({"memory_mb": 7168}, "serverless-memory"),
        ({"max_concurrency": 0}, "serverless-concurrency"),
        ({"max_concurrency": 201}, "serverless-concurrency"),
        ({"provisioned_concurrency": 0}, "serverless-provisioned-concurrency"),
        ({"provisioned_concurrency": 6}, "serverless-provisioned-concurrency"),
    ],
)
def test_rejects_a_serverless_size_out_of_range(size: dict[str, int], rule: str) -> None:
    found = check(
        Mode.SERVERLESS, serverless=ServerlessSize(**{"memory_mb": 2048, "max_concurrency": 5, **size})
    )
    assert rule in rules(found)


def test_every_serverless_memory_step_is_allowed() -> None:
    for memory in range(1024, 6145, 1024):
        assert check(Mode.SERVERLESS, serverless=ServerlessSize(memory_mb=memory, max_concurrency=200)) == []


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.value)
def test_rejects_a_request_beyond_the_limits_of_its_kind(mode: Mode) -> None:
    limits = LIMITS[mode]
    assert check(mode, payload_mb=limits.payload_mb, processing_seconds=limits.processing_seconds) == []
    found = check(mode, payload_mb=limits.payload_mb + 1, processing_seconds=limits.processing_seconds + 1)
    assert rules(found) == [f"{mode.value}/payload-size", f"{mode.value}/processing-time"]


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        ({"wait_seconds": 3601}, "guardrail-wait"),
        ({"termination_wait_seconds": -1}, "guardrail-wait"),
        ({"timeout_seconds": 599}, "guardrail-timeout"),
        ({"timeout_seconds": 28_801}, "guardrail-timeout"),
        ({"wait_seconds": 600, "timeout_seconds": 1200}, "guardrail-timeout-waits"),
        ({"size": 51}, "guardrail-step-size"),
        ({"size": None}, "guardrail-step-size"),
        ({"size": 6, "unit": "instances"}, "guardrail-step-size"),
        ({"kind": "linear", "size": 9}, "guardrail-step-size"),
        ({"kind": "rolling", "size": 4}, "guardrail-step-size"),
        ({"kind": "rolling", "termination_wait_seconds": 60}, "guardrail-rolling-wait"),
        ({"alarms": [f"a{n}" for n in range(11)]}, "guardrail-alarms"),
        ({"alarms": ["x" * 256]}, "guardrail-alarms"),
    ],
)
def test_rejects_a_guardrail_out_of_range(policy: dict[str, Any], rule: str) -> None:
    good: dict[str, Any] = {"kind": "canary", "size": 10, "wait_seconds": 300, "timeout_seconds": 1800}
    ten = [fleet(instances=10)]
    assert check(Mode.REAL_TIME, fleets=ten, guardrail=Guardrail(**good)) == []
    assert rule in rules(check(Mode.REAL_TIME, fleets=ten, guardrail=Guardrail(**{**good, **policy})))


@pytest.mark.parametrize(
    ("policy", "instances", "waits"),
    [
        (Guardrail(kind="all-at-once", wait_seconds=100), 10, 100),
        (Guardrail(kind="canary", size=10, wait_seconds=100, termination_wait_seconds=50), 10, 250),
        (Guardrail(kind="linear", size=30, wait_seconds=100), 10, 400),
        (Guardrail(kind="rolling", size=3, unit="instances", wait_seconds=100), 10, 400),
    ],
)
def test_the_timeout_must_exceed_one_wait_a_step(policy: Guardrail, instances: int, waits: int) -> None:
    ten = [fleet(instances=instances)]
    counted = guardrail_rules.steps(policy, ten) * policy.wait_seconds + policy.termination_wait_seconds
    assert counted == waits


@pytest.mark.parametrize(
    ("instances", "size", "ok"), [(1, 50, False), (2, 49, False), (2, 50, True), (10, 10, True)]
)
def test_rejects_a_canary_smaller_than_one_instance(instances: int, size: int, ok: bool) -> None:
    policy = Guardrail(kind="canary", size=size)
    found = check(
        Mode.REAL_TIME,
        fleets=[fleet(instances=instances)],
        guardrail=policy,
        acknowledged={"one-instance"},
    )
    assert rules(found) == ([] if ok else ["canary-below-one-instance"])


def test_a_refusal_names_rule_reason_and_source_of_every_error_and_of_no_note() -> None:
    found = check(Mode.SERVERLESS, {Feature.VPC, Feature.GPU, Feature.AUTOSCALING})
    pattern = (
        r"endpoint 'x': vpc: .*\[serverless/vpc: https://docs.aws.amazon.com/.*\]; gpu: .*\[serverless/gpu"
    )
    with pytest.raises(ValueError, match=pattern) as refusal:
        refuse(found, subject="endpoint 'x'")
    assert "autoscaling" not in str(refusal.value)
    refuse(check(Mode.SERVERLESS, {Feature.AUTOSCALING}), subject="endpoint 'x'")
