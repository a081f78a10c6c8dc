"""The rules about numbers and names, as the documentation lists them."""

from typing import Final

from tidegate import _compatibility_guardrail as guardrail
from tidegate import _compatibility_terms as at
from tidegate import _compatibility_values as values
from tidegate import instance_families as families

_STEPS: Final = ", ".join(
    f"{kind} {least} to {most} percent" for kind, (least, most) in guardrail.STEP_PERCENT.items()
)
_MEMORY: Final = values.SERVERLESS_MEMORY_MB
_TIMEOUT: Final = guardrail.EXECUTION_TIMEOUT_SECONDS
_DISKS: Final = " ".join(sorted(families.LOCAL_DISK))

NUMBERS: Final = (
    ("name-length", "error", f"at most {values.LONGEST_NAME} characters", at.CONFIG_API),
    ("variant-count", "error", f"1 to {values.MOST_VARIANTS} variants", at.CONFIG_API),
    ("burstable-scaling", "error", "no autoscaling of t2 or t3 instance types", values.SCALED),
    (
        "volume-key-local-disk",
        "error",
        f"no volume key on families with a local disk: {_DISKS}",
        at.CONFIG_API,
    ),
    (
        "elastic-inference-retired",
        "error",
        "no Elastic Inference; Inferentia, smaller GPUs or inference components instead",
        values.VARIANT,
    ),
    ("one-instance", "warning", "a production variant starts with at least two instances", values.CONTROLS),
    (
        "serverless-memory",
        "error",
        f"{_MEMORY[0]} to {_MEMORY[1]} MB in steps of {values.MEMORY_STEP_MB}",
        values.SERVERLESS_SIZE,
    ),
    (
        "serverless-concurrency",
        "error",
        f"1 to {values.MOST_SERVERLESS_CONCURRENCY} concurrent requests",
        values.SERVERLESS_SIZE,
    ),
    ("serverless-provisioned-concurrency", "error", "1 to the maximum concurrency", values.SERVERLESS_SIZE),
    ("payload-size", "error", "the kind's largest payload, above", at.MATRIX),
    ("processing-time", "error", "the kind's longest processing, above", at.MATRIX),
    ("monitor-without-capture", "error", "model-monitor needs data-capture", at.MONITOR),
    ("guardrail-wait", "error", f"waits of 0 to {guardrail.LONGEST_WAIT_SECONDS} s", guardrail.BLUE_GREEN),
    ("guardrail-timeout", "error", f"{_TIMEOUT[0]} to {_TIMEOUT[1]} s", guardrail.BLUE_GREEN),
    (
        "guardrail-timeout-waits",
        "error",
        "longer than one wait a step and the termination wait together",
        guardrail.BLUE_GREEN,
    ),
    ("guardrail-rolling-wait", "error", "no termination wait in a rolling policy", guardrail.ROLLING),
    ("guardrail-step-size", "error", _STEPS, guardrail.ROUTING),
    ("canary-below-one-instance", "error", "a step is at least one instance of the fleet", guardrail.CANARY),
    (
        "guardrail-alarms",
        "error",
        f"at most {guardrail.MOST_ALARMS} alarms, names of 1 to {guardrail.LONGEST_ALARM_NAME} characters",
        guardrail.AUTO_ROLLBACK,
    ),
)
"""Rule, severity, what is allowed, and source."""
