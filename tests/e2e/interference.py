"""What others, or AWS itself, may do to a service behind its controller's back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run

_POLICY: Final = "denied-by-a-test"


@contextmanager
def without_rule(world: World, name: str) -> Iterator[None]:
    """Disable the controller's rule with `name` in its logical id while inside the context."""
    rule = world.resource(world.controller.stack, "AWS::Events::Rule", named=name)
    events = world.client("events")
    events.disable_rule(Name=rule)
    try:
        yield
    finally:
        events.enable_rule(Name=rule)


@contextmanager
def denied(world: World, handler: str, *actions: str) -> Iterator[None]:
    """Deny actions to one of the controller's functions, by the folder of its handler, in the context."""
    found = world.stage.aws.functions.get_function_configuration(FunctionName=function_name(world, handler))
    role = found["Role"].rpartition("/")[2]
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam = world.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=json.dumps(document))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=_POLICY)


@contextmanager
def throttled(world: World, handler: str) -> Iterator[None]:
    """Let Lambda refuse every call of one of the controller's functions while inside the context."""
    name, functions = function_name(world, handler), world.stage.aws.functions
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        functions.delete_function_concurrency(FunctionName=name)


@contextmanager
def without_alarm(world: World, name: str) -> Iterator[None]:
    """Delete one of the service's alarms, by the end of its name, while inside the context."""
    alarm, cloudwatch = _alarm(world, name), world.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])
    try:
        yield
    finally:
        cloudwatch.put_metric_alarm(**alarm)


@contextmanager
def burning(world: World, name: str) -> Iterator[None]:
    """Let one of the service's alarms burn whatever it measures, by the end of its name, in the context."""
    alarm, cloudwatch = _alarm(world, name), world.client("cloudwatch")
    always = {
        "Threshold": -1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "breaching",
    }
    cloudwatch.put_metric_alarm(**alarm | always)
    try:
        world.wait_until(f"{name} burns", lambda: alarm_state(world, name) == "ALARM")
        yield
    finally:
        cloudwatch.put_metric_alarm(**alarm)
        world.wait_until("the fire is out", lambda: alarm_state(world, name) != "ALARM")


def _alarm(world: World, name: str) -> dict[str, Any]:
    """Return the request that makes an alarm as it is."""
    cloudwatch = world.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{world.endpoint}-{name}"])["MetricAlarms"]
    known = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    return {key: value for key, value in alarm.items() if key in known}


def alarm_state(world: World, name: str) -> str:
    """Return the state of one of the service's alarms, by the end of its name."""
    found = world.client("cloudwatch").describe_alarms(AlarmNames=[f"{world.endpoint}-{name}"])
    return str(found["MetricAlarms"][0]["StateValue"])


def stop_execution(world: World, run: Run) -> None:
    """Stop the state machine's execution of a rollout, as anybody can in the console."""
    machine = world.controller.rollout_machine.replace(":stateMachine:", ":execution:")
    world.stage.aws.state_machines.stop_execution(
        executionArn=f"{machine}:{run.rollout_id}", cause="stopped by a test"
    )


def set_pointer(world: World, package: str) -> None:
    """Write the live pointer, as nobody but the controller should."""
    world.stage.aws.ssm.put_parameter(
        Name=world.controller.pointer, Value=package, Type="String", Overwrite=True
    )


def raise_alarm(world: World, *states: str, reason: str = "set by a test") -> None:
    """Set the candidate's alarm on server errors to these states, one after the other."""
    for state in states:
        world.client("cloudwatch").set_alarm_state(
            AlarmName=f"{world.endpoint}-candidate-5xx", StateValue=state, StateReason=reason
        )


def function_name(world: World, handler: str) -> str:
    """Return the name of one of the controller's functions, by the folder of its handler."""
    pages = world.stage.aws.functions.get_paginator("list_functions").paginate()
    (name,) = [
        each["FunctionName"]
        for page in pages
        for each in page["Functions"]
        if each["FunctionName"].startswith(world.controller.stack)
        and each["Handler"] == f"{handler}.handler.handle"
    ]
    return name
