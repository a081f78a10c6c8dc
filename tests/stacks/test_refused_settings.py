"""What a service file must not say of the rarer settings of instances and updates."""

from pathlib import Path
from typing import Final

import pytest
from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles
from tests.stacks.conftest import EXAMPLES, Faults, Refusal, refusals

PLAN: Final = "arn:aws:sagemaker:eu-west-1:111122223333:training-plan/mine"


@refusals(
    (
        "async",
        "startup_timeout_seconds: 900",
        "fallback_types: [ml.g5.xlarge]",
        "async.fallback_types: must be different types, none of them instance_type",
    ),
    (
        "async",
        "startup_timeout_seconds: 900",
        "fallback_types: [g6.xlarge]",
        "async.fallback_types[0]: must look like ml.m5.large, got 'g6.xlarge'",
    ),
    (
        "components",
        "  min_instances: 2",
        "  min_instances: 2\n  volume_gb: 600",
        "components.volume_gb: must be at most 512, got 600",
    ),
    (
        "components",
        "  min_instances: 2",
        f"  min_instances: 2\n  fallback_types: [ml.m6i.xlarge]\n  reservation: {PLAN}",
        "components.reservation: does not go with fallback_types",
    ),
    (
        "rolled-out",
        "  routing:",
        "  retain: [weights]\n  routing:",
        "endpoint.retain: does not go with a rollout: the scaler owns the counts",
    ),
    (
        "rolled-out",
        "rollout:",
        "rollout:\n  on_both_bad: wait",
        "rollout.on_both_bad: must be 'hold', 'roll_back' or 'needs_human', got 'wait'",
    ),
    (
        "rolled-out",
        "rollout:",
        "rollout:\n  needs_human: {remind_hours: 8, deadline_hours: 4}",
        "rollout.needs_human.deadline_hours: must be at least remind_hours (8), got 4",
    ),
    (
        "rolled-out",
        "rollout:",
        "rollout:\n  needs_human: {on_deadline: hope}",
        "rollout.needs_human.on_deadline: must be 'roll_back' or 'keep', got 'hope'",
    ),
    (
        "rolled-out",
        "rollout:",
        "rollout:\n  needs_human: {remind_hours: 30}",
        "deadline_hours must be remind_hours (30) to 336, got 24",
    ),
    (
        "multi-model",
        "  instances: 2",
        "  instances: 2\n  retain: [names]",
        "endpoint.retain[0]: must be 'instances', 'weights' or 'data-capture', got 'names'",
    ),
    (
        "multi-model",
        "  instances: 2",
        "  instances: 2\n  fallback_types: [ml.m6i.xlarge]",
        "instance-pools",
    ),
    (
        "async",
        "alarms: {failures: {at_least: 5}}",
        "alarms: {server_errors: {at_least: 0.1}}",
        "async.guardrails.alarms.server_errors: unknown field",
    ),
    (
        "async",
        "strategy: all-at-once",
        "strategy: canary",
        "async.guardrails.size: canary needs a size",
    ),
    (
        "serverless",
        "ServerlessConcurrentExecutionsUtilization",
        "Concurrency",
        "alarms.other.nearly-full: metric must be one of",
    ),
    (
        "serverless",
        "ServerlessConcurrentExecutionsUtilization",
        "ApproximateBacklogSize",
        "alarms",
    ),
)
def test_rejects_settings_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


def test_rejects_a_share_of_instances_with_different_numbers_of_vcpus(faults: Faults) -> None:
    fresh = "      weight: 1\n      instance_type: ml.m5."
    (fault,) = faults("variants", (f"{fresh}large", f"{fresh}xlarge"))
    assert "units of CPUUtilization must be given, got none for ml.m5.large, ml.m5.xlarge" in fault


def test_rejects_an_alarm_that_there_is_not_without_asking_for_another_one(faults: Faults) -> None:
    (fault,) = faults(
        "async", ("alarms: {failures: {at_least: 5}}", "alarms: {server_errors: {at_least: 0.1}}")
    )
    assert fault.startswith("async.guardrails.alarms.server_errors: unknown field; allowed are latency")


def test_rejects_what_the_library_refuses_of_each_service_at_once(tmp_path: Path) -> None:
    text = (EXAMPLES / "variants.yaml").read_text()
    fresh = "      weight: 1\n      instance_type: ml.m5."
    assert f"{fresh}large" in text
    faulty = text.replace(f"{fresh}large", f"{fresh}xlarge")
    (tmp_path / "environments.yaml").write_text((EXAMPLES / "environments.yaml").read_text())
    (tmp_path / "variants.yaml").write_text(faulty)
    (tmp_path / "other.yaml").write_text(faulty.replace("service: variants", "service: other"))
    with pytest.raises(BadFiles) as refusal:
        define_stacks(App(outdir=str(tmp_path / "out")), load_deployments(tmp_path))
    assert [fault.partition(":")[0] for fault in refusal.value.faults] == [
        str(tmp_path / "other.yaml"),
        str(tmp_path / "variants.yaml"),
    ]
