import json
from typing import Any

from aws_cdk import aws_lambda as lambda_

from tests.stacks.template_reading import as_list, flat, machine, properties, resources, statements
from tidegate_runtime.settings import Settings

T = dict[str, Any]
HANDLERS = [
    "attach",
    "check",
    "end",
    "first_version",
    "guard",
    "judge",
    "operate",
    "prepare",
    "promote",
    "roll_back",
    "shift",
    "start_on_approval",
    "watchdog",
]
# Actions without resource-level permissions, by the Service Authorization Reference.
UNSCOPED = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "cloudwatch:GetMetricData",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListModels",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def test_there_is_one_function_per_handler(controller: T) -> None:
    functions = properties(controller, "AWS::Lambda::Function")
    assert sorted(one["Handler"] for one in functions) == [f"{name}.handler.handle" for name in HANDLERS]


def test_all_functions_share_runtime_architecture_and_memory(controller: T) -> None:
    for function in properties(controller, "AWS::Lambda::Function"):
        assert function["Runtime"] == lambda_.Runtime.PYTHON_3_14.name
        assert function["Architectures"] == ["arm64"]
        assert function["MemorySize"] >= 512


def test_no_function_runs_longer_than_a_rollback_holds(controller: T) -> None:
    for function in properties(controller, "AWS::Lambda::Function"):
        plan = json.loads(function["Environment"]["Variables"]["PLAN"])
        assert function["Timeout"] <= plan["rollback_hold_seconds"]


def test_every_function_has_settings_its_code_can_read(controller: T) -> None:
    for function in properties(controller, "AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        settings = Settings.from_env({name: flat(value) for name, value in variables.items()})
        assert settings.endpoint_name == settings.model_package_group == "digits-rehearsal"
        assert settings.pointer_parameter == "/tidegate/rehearsal/digits/live-model-package"
        assert settings.hosting_stack == "digits-rehearsal-hosting"
        assert settings.rollback_state_machine.endswith(":stateMachine:digits-rehearsal-rollback")
        assert settings.rollout_state_machine.endswith(":stateMachine:digits-rehearsal-rollout")


def test_every_function_writes_to_a_log_group_that_ends(controller: T) -> None:
    for function in properties(controller, "AWS::Lambda::Function"):
        group = controller["Resources"][function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Properties"]["RetentionInDays"] == 30


def test_a_wildcard_resource_holds_only_actions_that_know_no_other(controller: T) -> None:
    for name, statement in statements(controller):
        if "*" in as_list(statement["Resource"]):
            assert set(as_list(statement["Action"])) <= UNSCOPED, name


def test_no_action_is_a_wildcard(controller: T, foundation: T) -> None:
    for template in (controller, foundation):
        for name, statement in statements(template):
            assert not any("*" in action for action in as_list(statement["Action"])), name


def test_there_are_no_inline_policies_and_no_aws_managed_ones(controller: T) -> None:
    assert not resources(controller, "AWS::IAM::Policy")
    for role in properties(controller, "AWS::IAM::Role"):
        assert "Policies" not in role
        assert all("Ref" in policy for policy in role["ManagedPolicyArns"])


def test_only_prepare_passes_only_the_execution_role_only_to_sagemaker(controller: T) -> None:
    ((name, statement),) = [found for found in statements(controller) if found[1]["Action"] == "iam:PassRole"]
    assert name.startswith("RolloutPrepare")
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert "ExecutionRole" in str(statement["Resource"])


def test_updating_the_endpoint_names_endpoint_and_configurations(controller: T) -> None:
    found = [one for _, one in statements(controller) if one["Action"] == "sagemaker:UpdateEndpoint"]
    assert len(found) == 2
    for statement in found:
        names = {arn.rsplit(":", 1)[1] for arn in statement["Resource"]}
        assert names == {"endpoint/digits-rehearsal", "endpoint-config/*"}


def test_only_promotion_and_rollback_update_only_the_hosting_stack(controller: T) -> None:
    found = {
        name.removeprefix("Rollout").split("Policy")[0]: statement["Resource"]
        for name, statement in statements(controller)
        if "cloudformation:UpdateStack" in as_list(statement["Action"])
    }
    assert set(found) == {"Promote", "RollBack"}
    assert set(found.values()) == {
        "arn:aws:cloudformation:us-east-1:000000000000:stack/digits-rehearsal-hosting/*"
    }


def test_only_the_pointer_is_ever_written(controller: T) -> None:
    found = {
        name.removeprefix("Rollout").split("Policy")[0]: statement["Resource"]
        for name, statement in statements(controller)
        if "ssm:PutParameter" in as_list(statement["Action"])
    }
    assert set(found) == {"FirstVersion", "Promote", "RollBack"}
    assert set(found.values()) == {
        "arn:aws:ssm:us-east-1:000000000000:parameter/tidegate/rehearsal/digits/live-model-package"
    }


def test_only_the_guard_and_the_attachment_deregister_and_only_own_alarms_are_put(controller: T) -> None:
    holders, alarms = set(), set()
    for name, statement in statements(controller):
        actions = as_list(statement["Action"])
        if "application-autoscaling:DeregisterScalableTarget" in actions:
            holders.add(name.removeprefix("Rollout").split("Policy")[0])
        if "cloudwatch:PutMetricAlarm" in actions:
            alarms |= {arn.split(":alarm:")[1] for arn in as_list(statement["Resource"])}
    assert holders == {"Attach", "Guard"}
    assert alarms == {
        "digits-rehearsal-scaling-*",
        "TargetTracking-endpoint/digits-rehearsal/variant/*",
    }


def test_only_the_watchdog_deletes_and_only_what_rollouts_have_made(controller: T) -> None:
    holders, actions, names = set(), set(), set()
    for name, statement in statements(controller):
        deletes = {one for one in as_list(statement["Action"]) if one.startswith("sagemaker:Delete")}
        if deletes:
            holders.add(name.removeprefix("Rollout").split("Policy")[0])
            actions |= deletes
            names |= {arn.rpartition(":")[2] for arn in as_list(statement["Resource"])}
    assert holders == {"Watchdog"}
    assert actions == {"sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"}
    assert names == {"endpoint-config/digits-rehearsal-*", "model/digits-rehearsal-*"}


def test_a_managed_policy_fits_its_limit(controller: T) -> None:
    for name, found in resources(controller, "AWS::IAM::ManagedPolicy").items():
        assert len(json.dumps(found["Properties"]["PolicyDocument"])) < 6144, name


def test_alarms_watch_each_one_variant_and_only_those_of_the_candidate_wake_the_watchdog(
    controller: T,
) -> None:
    named = {alarm["AlarmName"]: alarm for alarm in properties(controller, "AWS::CloudWatch::Alarm")}
    assert named.pop("digits-rehearsal-lost-events")["Namespace"] == "AWS/SQS"
    assert len(named) == 4
    for name, alarm in named.items():
        variant = name.split("-")[2]
        for query in alarm["Metrics"]:
            dimensions = query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
            assert all(one["Value"] == variant for one in dimensions if one["Name"] == "VariantName")
    rule = _rule(controller, "aws.cloudwatch")["EventPattern"]["detail"]["alarmName"]
    assert set(rule) == {name for name in named if "-candidate-" in name}


def test_alarms_are_read_by_their_names(controller: T) -> None:
    found = {
        name.removeprefix("Rollout").split("Policy")[0]: {
            arn.split(":alarm:")[1] for arn in as_list(statement["Resource"])
        }
        for name, statement in statements(controller)
        if statement["Sid"] in ("ReadAlarms", "ReadLiveAlarms")
    }
    live = {"digits-rehearsal-live-5xx", "digits-rehearsal-live-model_errors"}
    candidate = {"digits-rehearsal-candidate-5xx", "digits-rehearsal-candidate-model_errors"}
    assert found == {"Check": candidate | live, "Judge": live, "Watchdog": live}


def test_the_preflight_runs_under_the_role_that_rolls_back(controller: T) -> None:
    out = machine(controller, "digits-rehearsal-rollout")["States"]
    back = machine(controller, "digits-rehearsal-rollback")["States"]
    assert out["Preflight"]["Resource"] == back["RollBack"]["Resource"]
    assert out["CheckStatus"]["Choices"][-1]["Next"] == "Preflight"
    assert out["Refused"]["Result"] == "ROLLED_BACK"


def test_approvals_of_the_group_start_rollouts(controller: T) -> None:
    rule = _rule(controller, "aws.sagemaker")
    assert rule["EventPattern"]["detail"] == {
        "ModelPackageGroupName": ["digits-rehearsal"],
        "ModelApprovalStatus": ["Approved", "Rejected"],
    }
    assert _target(rule).startswith("RolloutStartOnApproval")


def test_alarms_broken_executions_and_the_clock_wake_the_watchdog(controller: T) -> None:
    alarm, execution = _rule(controller, "aws.cloudwatch"), _rule(controller, "aws.states")
    assert alarm["EventPattern"]["detail"]["state"] == {"value": ["ALARM"]}
    assert len(alarm["EventPattern"]["detail"]["alarmName"]) == 2
    assert execution["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    (schedule,) = [one for one in _rules(controller) if "ScheduleExpression" in one]
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert all(_target(rule).startswith("RolloutWatchdog") for rule in (alarm, execution, schedule))


def test_events_that_cannot_be_delivered_are_kept(controller: T) -> None:
    for rule in _rules(controller):
        if "EventPattern" in rule:
            assert "DeadLetterConfig" in rule["Targets"][0]


def test_every_error_of_the_rollout_leads_to_a_rollback(controller: T) -> None:
    states = machine(controller, "digits-rehearsal-rollout")["States"]
    tasks = {name: one for name, one in states.items() if one["Type"] == "Task" and "Rollback" not in name}
    assert set(tasks) == {
        "FirstVersion",
        "Check",
        "Preflight",
        "Prepare",
        "Shift",
        "Judge",
        "Promote",
        "Watch",
        "End",
    }
    for name in set(tasks) - {"End"}:
        assert tasks[name]["Catch"] == [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "StartRollbackOnError"}
        ], name


def test_an_unknown_status_never_goes_forward(controller: T) -> None:
    states = machine(controller, "digits-rehearsal-rollout")["States"]
    choices = [one for one in states.values() if one["Type"] == "Choice"]
    assert len(choices) == 8
    assert {one["Default"] for one in choices} == {"StartRollback"}


def test_the_rollback_does_not_give_up(controller: T) -> None:
    definition = machine(controller, "digits-rehearsal-rollback")
    (retry,) = definition["States"]["RollBack"]["Retry"]
    assert retry["ErrorEquals"] == ["States.ALL"]
    assert retry["MaxAttempts"] >= 10_000
    assert retry["MaxDelaySeconds"] == 30
    assert definition["TimeoutSeconds"] == 6 * 3600


def test_the_rollout_ends_after_all_its_bakes(controller: T) -> None:
    bakes = 4 * 3600 + 1800
    assert machine(controller, "digits-rehearsal-rollout")["TimeoutSeconds"] > bakes


def _rules(controller: T) -> list[T]:
    return properties(controller, "AWS::Events::Rule")


def _rule(controller: T, source: str) -> T:
    (found,) = [one for one in _rules(controller) if source in one.get("EventPattern", {}).get("source", [])]
    return found


def _target(rule: T) -> str:
    return str(rule["Targets"][0]["Arn"]["Fn::GetAtt"][0])
