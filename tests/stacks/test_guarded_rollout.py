"""A service whose rollouts SageMaker's own guardrails carry out, from its file to its stacks."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.stacks.conftest import EXAMPLES, Faults, Templates, synthesize
from tests.stacks.template_reading import machine, properties, resources

ENDPOINT: Final = "AWS::SageMaker::Endpoint"
NAME: Final = "rolled-out-production"
_JUDGED: Final = ", max_bake_minutes: 60, min_requests: 500}"
STEPS: Final = "  steps:\n" + "".join(
    f"    - {{weight_percent: {share}, min_bake_minutes: 10{_JUDGED}\n" for share in (5, 50, 100)
)


def by_guardrails(*steps: str) -> tuple[str, str]:
    lines = "".join(f"    - {{{step}}}\n" for step in steps)
    return STEPS, f"  backend: guardrails\n  steps:\n{lines}"


CANARY: Final = by_guardrails(
    "weight_percent: 25, min_bake_minutes: 10", "weight_percent: 100, min_bake_minutes: 10"
)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder: Path = tmp_path_factory.mktemp("services")
    (folder / "environments.yaml").write_text((EXAMPLES / "environments.yaml").read_text())
    text = (EXAMPLES / "rolled-out.yaml").read_text()
    assert STEPS in text
    (folder / "rolled-out.yaml").write_text(text.replace(*CANARY))
    return synthesize(folder, outdir=tmp_path_factory.mktemp("cdk.out"))


def test_the_endpoint_carries_the_steps_of_the_plan(stacks: Templates) -> None:
    (endpoint,) = properties(stacks[f"{NAME}-hosting"], ENDPOINT)
    policy = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        "WaitIntervalInSeconds": 600,
    }
    assert policy["MaximumExecutionTimeoutInSeconds"] == 2 * 600 + 7200


def test_the_alarms_see_the_new_fleet_only_and_the_controller_knows_their_names(stacks: Templates) -> None:
    hosting, controller = (stacks[f"{NAME}-{stack}"] for stack in ("hosting", "controller"))
    alarms = [one for one in properties(hosting, "AWS::CloudWatch::Alarm") if "new-fleet" in one["AlarmName"]]
    (config,) = resources(hosting, "AWS::SageMaker::EndpointConfig")
    for alarm in alarms:
        for metric in (one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one):
            dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            assert dimensions["EndpointConfigName"] == {"Fn::GetAtt": [config, "EndpointConfigName"]}
            assert dimensions["VariantName"] == "live"
    patterns = [rule.get("EventPattern", {}) for rule in properties(controller, "AWS::Events::Rule")]
    (heard,) = [one["detail"]["alarmName"] for one in patterns if one.get("source") == ["aws.cloudwatch"]]
    assert sorted(heard) == sorted(alarm["AlarmName"] for alarm in alarms)


def test_the_execution_role_may_read_the_alarms_before_the_endpoint_is_updated(stacks: Templates) -> None:
    hosting = stacks[f"{NAME}-hosting"]
    policies = resources(hosting, "AWS::IAM::ManagedPolicy")
    (needs,) = [name for name, one in policies.items() if "DescribeAlarms" in str(one)]
    (endpoint,) = resources(hosting, ENDPOINT).values()
    assert needs in endpoint["DependsOn"]


def test_a_deploy_of_other_steps_asks_the_guard(stacks: Templates, tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text((EXAMPLES / "environments.yaml").read_text())
    text = (EXAMPLES / "rolled-out.yaml").read_text().replace(*CANARY)
    (tmp_path / "rolled-out.yaml").write_text(text.replace("weight_percent: 25", "weight_percent: 50"))
    changed = synthesize(tmp_path, outdir=tmp_path / "out")[f"{NAME}-hosting"]
    (before,) = properties(stacks[f"{NAME}-hosting"], "Custom::TidegateGuard")
    (after,) = properties(changed, "Custom::TidegateGuard")
    assert before["Shape"] != after["Shape"]
    assert before["Variants"] == after["Variants"]


def test_the_state_machine_without_a_candidate_is_as_reviewed(stacks: Templates, snapshot: Any) -> None:
    definition = machine(stacks[f"{NAME}-controller"], f"{NAME}-rollout")
    assert {"Prepare", "Shift", "Judge"} & set(definition["States"]) == set()
    assert {"Variable": "$.status", "StringEquals": "DIRECT", "Next": "Promote"} in definition["States"][
        "PreflightStatus"
    ]["Choices"]
    assert definition == snapshot


def test_rejects_evidence_in_steps_that_sagemaker_only_bakes(faults: Faults) -> None:
    found = faults(
        "rolled-out",
        by_guardrails(
            "weight_percent: 25, min_bake_minutes: 10, max_bake_minutes: 20",
            "weight_percent: 100, min_bake_minutes: 10, min_requests: 5",
        ),
    )
    said = "must be left out with the backend guardrails: SageMaker bakes min_bake_minutes"
    assert [
        fault.startswith(f"rollout.steps[{i}].{field}: {said}")
        for fault, i, field in zip(found, (0, 1), ("max_bake_minutes", "min_requests"), strict=True)
    ] == [True, True]


def test_rejects_a_step_of_the_controller_without_evidence(faults: Faults) -> None:
    found = faults("rolled-out", (_JUDGED, "}"))
    assert found == [
        "rollout.steps[0].max_bake_minutes: is required",
        "rollout.steps[0].min_requests: is required",
    ]


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        (
            [
                by_guardrails(
                    "weight_percent: 60, min_bake_minutes: 10", "weight_percent: 100, min_bake_minutes: 10"
                )
            ],
            "rollout",
            "guardrail-plan-steps",
        ),
        (
            [CANARY, ("signals:\n", "candidate_instances: 2\n  signals:\n")],
            "rollout",
            "guardrail-plan-candidate",
        ),
        (
            [CANARY, ("  instances: 4", "  instances: 3"), ("min: 4", "min: 3")],
            "rollout.steps",
            "canary-below-one",
        ),
        ([CANARY, ("ml.m5.large", "ml.inf1.xlarge")], "rollout.steps", "inf1"),
    ],
)
def test_rejects_what_sagemaker_cannot_carry_out(
    faults: Faults, changes: list[tuple[str, str]], place: str, rule: str
) -> None:
    found = faults("rolled-out", *changes)
    assert any(fault.startswith(f"{place}: ") and rule in fault for fault in found), found


@pytest.mark.parametrize(
    "more",
    [
        "gate: {approval: manual}",
        "before: arn:aws:lambda:us-east-1:111122223333:function:ours",
        "contest: {metric: Purchases, namespace: Shop}",
    ],
)
def test_rejects_what_only_the_controller_does_in_a_step(faults: Faults, more: str) -> None:
    first = "weight_percent: 25, min_bake_minutes: 10"
    found = faults("rolled-out", CANARY, (first, f"{first}, {more}"))
    name = more.partition(":")[0]
    assert any(f"steps[0].{name} does not go with guardrails, because" in fault for fault in found), found


def test_rejects_samples_that_nobody_would_ask_at_their_field(faults: Faults) -> None:
    found = faults("rolled-out", CANARY, ("rollout:\n", "rollout:\n  samples: samples/rolled-out.yaml\n"))
    assert any(
        fault.startswith("rollout.samples: samples does not go with guardrails, because") for fault in found
    ), found


def test_rejects_a_fleet_that_may_shrink_below_a_step(faults: Faults) -> None:
    found = faults("rolled-out", CANARY, ("min: 4", "min: 2"))
    assert any("cannot shift less than 50 percent, got 25" in fault for fault in found), found
