"""What a service file must not say of guardrails, captured data and scaling."""

from tests.stacks.conftest import Refusal, refusals


@refusals(
    ("variants", "    size: {percent: 50}\n", "", "endpoint.guardrails.size: canary needs a size"),
    ("variants", "{percent: 50}", "{percent: 60}", "endpoint.guardrails: "),
    ("variants", "{percent: 50}", "{percent: 20}", "endpoint.guardrails: "),
    (
        "variants",
        "{percent: 50}",
        "{}",
        "endpoint.guardrails.size: must have either percent or instances",
    ),
    ("variants", "timeout_minutes: 60", "timeout_minutes: 12", "endpoint.guardrails: "),
    (
        "variants",
        "bake_minutes: 10",
        "bake_minutes: 90",
        "endpoint.guardrails.bake_minutes: must be at most 60, got 90",
    ),
    (
        "variants",
        (
            "      server_errors: {at_least: 0.05}\n      latency: [{percentile: 90, at_least_ms: 200, e"
            "xpected_requests_per_minute: 600}]\n"
        ),
        "      {}\n",
        "endpoint.guardrails.alarms: must have at least one alarm",
    ),
    (
        "variants",
        "      server_errors: {at_least: 0.05}",
        "      existing: [my-alarm]",
        "endpoint.guardrails.alarms.existing[0]: must look like arn:aws:cloudwatch",
    ),
)
def test_rejects_guardrails_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    ("shadow", "percent: 100", "percent: 101", "endpoint.data_capture.percent: must be at most 100"),
    (
        "shadow",
        "json_content_types: [application/json]",
        "json_content_types: [text/csv]\n    csv_content_types: [text/csv]",
        "endpoint.data_capture: ",
    ),
    (
        "shadow",
        'explainer: {baseline: "0.5,1.0,3.2", samples: 200}',
        "explainer: {samples: 200}",
        "endpoint.explainer: ",
    ),
)
def test_rejects_capture_and_explanations_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "variants",
        "        min: 4\n        max: 12",
        "        min: 5\n        max: 12",
        "endpoint.variants.steady.scaling: min to max must include instances (4)",
    ),
    (
        "multi-model",
        "    invocations_per_instance_per_minute: 3000\n",
        "",
        "endpoint.scaling: must have something to scale by",
    ),
    (
        "variants",
        "{lower: 2000, change: 4}",
        "{lower: 3000, change: 4}",
        "endpoint.variants.steady.scaling.steps.burst: ",
    ),
    (
        "variants",
        "cron(0 7 ? * MON-FRI *)",
        "every morning",
        "endpoint.variants.steady.scaling.schedules.morning: ",
    ),
    (
        "variants",
        "cpu: {percent: 70, vcpus: 2}",
        "cpu: {percent: 170, vcpus: 2}",
        "scaling.cpu.percent: must be at most 100, got 170",
    ),
    (
        "variants",
        "cpu: {percent: 70, vcpus: 2}",
        "backlog_per_instance: 5",
        "endpoint.variants.steady.scaling.backlog_per_instance: unknown field",
    ),
    (
        "variants",
        "instance_type: ml.m5.large",
        "instance_type: ml.t2.large",
        "burstable instance types cannot be scaled",
    ),
    ("multi-model", "    min: 2", "    min: 0", "endpoint.scaling.min: must be at least 1, got 0"),
)
def test_rejects_scaling_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found
