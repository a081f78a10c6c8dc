"""What a service file of each kind must not say: one line for each fault, about its own kind only."""

import os
import subprocess
import sys
from typing import Final

import pytest

from tests.stacks.conftest import EXAMPLES, Faults

SHADOW: Final = (
    "shadow: {instance_type: ml.m5.large, instances: 2, "
    "model: {package: arn:aws:sagemaker:eu-west-1:111122223333:model-package/a/1}}"
)


def test_every_example_is_accepted(faults: Faults) -> None:
    for path in EXAMPLES.glob("*.yaml"):
        if path.name != "environments.yaml":
            assert faults(path.stem) == [], path.stem


def test_rejects_a_file_without_a_hosting_section_and_still_names_its_other_faults(faults: Faults) -> None:
    found = faults("serverless", ("serverless:\n  memory", "workers:\n  memory"), ("[production]", "[prod]"))
    assert found[0].startswith("workers: unknown field; allowed are service, ")
    assert found[1:] == [
        "must have one hosting section: endpoint, serverless, async, components, batch",
        "environments[0]: unknown environment 'prod'; did you mean 'production'?",
    ]


def test_rejects_a_second_hosting_section(faults: Faults) -> None:
    found = faults("serverless", ("needs:", "batch: {}\nneeds:"))
    assert found == ["batch: a file has one hosting section, and this one is serverless"]


def test_rejects_a_wrong_field_without_a_word_about_other_kinds(faults: Faults) -> None:
    found = faults("serverless", ("memory_mb", "memory"))
    assert found == ["serverless.memory: unknown field; did you mean 'memory_mb'?"]


@pytest.mark.parametrize(
    ("example", "before", "after", "rule"),
    [
        ("serverless", "  memory_mb", "  guardrails: {}\n  memory_mb", "serverless/guardrail-canary"),
        ("serverless", "  memory_mb", "  data_capture: {}\n  memory_mb", "serverless/data-capture"),
        ("serverless", "serverless:\n", "rollout: {}\nserverless:\n", "serverless/canary-by-weights"),
        ("async", "  instances: 1", "  instances: 1\n  shadow: {}", "async/shadow"),
        ("async", "async:\n", "rollout: {}\nasync:\n", "async/canary-by-weights"),
        ("components", "  min_instances", "  ab_test: {}\n  min_instances", "inference-components/ab-test"),
        ("rolled-out", "  routing", "  shadow: {}\n  routing", "shadow+several-variants"),
        ("multi-model", "  scaling:", f"  {SHADOW}\n  scaling:", "multi-model/shadow"),
        (
            "batch",
            "  artifact: s3://my-model-artifacts/batch/7/model.tar.gz",
            "  models: s3://my-model-artifacts/many/",
            "batch-transform/multi-model-container",
        ),
        (
            "serverless",
            "  artifact: s3://my-model-artifacts/faces/7/model.tar.gz",
            "  models: s3://my-model-artifacts/many/",
            "serverless/multi-model-container",
        ),
        (
            "serverless",
            "serverless:\n  memory_mb",
            "  network_isolation: true\nserverless:\n  memory_mb",
            "serverless/network-isolation",
        ),
        ("variants", "strategy: canary", "strategy: rolling", "guardrail-rolling+several-variants"),
    ],
)
def test_rejects_what_the_compatibility_table_excludes_with_its_rule(
    faults: Faults, example: str, before: str, after: str, rule: str
) -> None:
    changes = [(before, after)]
    if rule.startswith("guardrail-rolling"):
        changes.append(("    termination_wait_minutes: 5\n", ""))
    found = faults(example, *changes)
    assert any(rule in fault for fault in found), found


_COPIES: Final = "traffic_percent: 50, min_bake_minutes: 5, max_bake_minutes: 60, min_requests: 100"
_SHADOW_FIRST: Final = f"rollout:\n  shadow: {{{_COPIES}}}\n"


def test_a_rollout_may_begin_with_a_shadow(faults: Faults) -> None:
    assert faults("rolled-out", ("rollout:\n", _SHADOW_FIRST)) == []


def test_rejects_a_shadow_phase_on_instances_that_have_none_with_the_tables_reason(faults: Faults) -> None:
    (fault,) = (
        one
        for one in faults(
            "rolled-out",
            ("rollout:\n", _SHADOW_FIRST),
            ("instance_type: ml.m5.large", "instance_type: ml.inf1.xlarge"),
        )
        if "shadow" in one
    )
    assert fault.startswith("rollout.shadow: shadow with inf1: is among the exclusions of shadow tests")


@pytest.mark.parametrize(
    ("before", "after"), [("percent: 50", "percent: 0"), ("percent: 50", "percent: 101")]
)
def test_rejects_a_share_of_copies_out_of_range(faults: Faults, before: str, after: str) -> None:
    (fault,) = faults("rolled-out", ("rollout:\n", _SHADOW_FIRST.replace(before, after)))
    assert fault.startswith("rollout.shadow.traffic_percent: must be at")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("variants: {}", "which has the variants live and candidate"),
        ("ab_test: {}", "which moves the weights itself"),
        ("guardrails: {}", "guardrails want the same variants before and after"),
        ("volume_key: x", "the controller makes configurations, and may not use the key"),
    ],
)
def test_rejects_what_does_not_go_with_a_rollout_and_says_why(
    faults: Faults, field: str, reason: str
) -> None:
    (fault,) = faults("rolled-out", ("  routing:", f"  {field}\n  routing:"))
    assert fault.startswith(f"endpoint.{field.partition(':')[0]}: does not go with a rollout")
    assert reason in fault


def test_rejects_a_model_beside_the_live_pointer(faults: Faults) -> None:
    (fault,) = faults("rolled-out", ("model: {", "model: {package: x, "))
    assert fault == (
        "model.package: does not go with a rollout: the live pointer names the model package version"
    )


def test_a_file_is_read_without_the_modules_of_other_kinds_and_of_what_is_made_of_it() -> None:
    code = (
        "import sys; from pathlib import Path; from stacks.service_files import load_deployments; "
        "load_deployments(Path('services')); print([name for name in sys.modules if name in "
        "('stacks.fields.batch', 'stacks.fields.components', 'stacks.fields.serverless', "
        "'aws_cdk.aws_lambda', 'aws_cdk.aws_codepipeline_actions')])"
    )
    root = EXAMPLES.parents[1]
    paths = f"{root}:{root / 'constructs'}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_many_models_satisfy_the_need_for_many_models(faults: Faults) -> None:
    assert faults("multi-model", ("models: 40", "models: 400")) == []


def test_a_tag_that_never_moves_is_accepted_on_the_users_word(faults: Faults) -> None:
    assert faults("batch", ("@sha256:" + "0" * 64, ":7\n  immutable_tag: true")) == []


def test_rejects_what_only_the_library_knows_with_file_line_and_section(faults: Faults) -> None:
    other = "image: 999999999999.dkr.ecr.eu-west-1.amazonaws.com/x@sha256:" + "0" * 64
    (fault,) = faults("serverless", ("framework: scikit-learn\n  version: 1.2-1", other))
    assert fault.startswith("serverless: ")
    assert "999999999999" in fault


def test_rejects_other_buckets_beside_a_rollout(faults: Faults) -> None:
    (fault,) = faults("rolled-out", ("model: {", "model: {buckets: [arn:aws:s3:::a-bucket], "))
    assert fault == (
        "model.buckets: does not go with a rollout: "
        "the controller checks artifacts in the service's own bucket"
    )
