"""All other services as HTTP answers, with the fakes behind them."""

import json
from types import SimpleNamespace
from typing import Any, Final

from tests.lambdas.fakes.stack import FakeStack
from tests.lambdas.wire.transport import Answer, Refused, Request, json_answer
from tidegate_runtime.attachment import suspended_from, suspended_state

_STARTED: Final = 1_700_000_000
_CONFIG: Final = "AWS::SageMaker::EndpointConfig"


class ParameterSide:
    """SSM: the live pointer."""

    def __init__(self, pointer: Any) -> None:
        self._pointer = pointer

    def get_parameter(self, request: Request) -> Answer:
        value = self._pointer.read()
        if value is None:
            raise Refused("ParameterNotFound", "")
        return json_answer({"Parameter": {"Name": request.params["Name"], "Value": value}})

    def put_parameter(self, request: Request) -> Answer:
        value = request.params["Value"]
        if request.params["Overwrite"]:
            self._pointer.write(value)
        elif not self._pointer.create(value):
            raise Refused("ParameterAlreadyExists", "The parameter already exists.")
        return json_answer({"Version": 1})


class RuntimeSide:
    """SageMaker's runtime: the variant that a request names answers."""

    def __init__(self, invoker: Any) -> None:
        self._invoker = invoker

    def invoke_endpoint(self, request: Request) -> Answer:
        asked = SimpleNamespace(name=request.params["Body"])
        answer = self._invoker.invoke(request.params["TargetVariant"], asked)
        return Answer(body=answer.body, headers={"Content-Type": answer.content_type})


class MetricsSide:
    """CloudWatch: sums, where a bucket without events has no data point; and alarms."""

    def __init__(self, metrics: Any, alarms: Any) -> None:
        self._metrics, self._alarms = metrics, alarms

    def describe_alarms(self, request: Request) -> Answer:
        found = []
        for variant, states in self._alarms.states(["candidate", "live"]).items():
            (state,) = states.values()
            ours = [name for name in request.params["AlarmNames"] if f"-{variant}-" in name]
            found += [{"AlarmName": name, "StateValue": state} for name in ours if state]
        return json_answer({"MetricAlarms": found})

    def get_metric_data(self, request: Request) -> Answer:
        params, queries = request.params, request.params["MetricDataQueries"]
        names = {query["Id"]: _name(query["MetricStat"]["Metric"]) for query in queries}
        period = queries[0]["MetricStat"]["Period"]
        start, end = int(params["StartTime"]), int(params["EndTime"])
        sums = self._metrics.sums(list(names.values()), start=start, end=end, period=period)
        results = [_result(query_id, sums and sums[name]) for query_id, name in names.items()]
        return json_answer({"MetricDataResults": results})


def _name(metric: dict[str, Any]) -> tuple[str, str]:
    dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
    return dimensions["VariantName"], metric["MetricName"]


def _result(query_id: str, sums: Any) -> dict[str, Any]:
    points = {at: value for at, value in sums.items() if value} if sums else {}
    status = "PartialData" if sums is None else "Complete"
    return {
        "Id": query_id,
        "StatusCode": status,
        "Timestamps": list(points),
        "Values": list(points.values()),
    }


class ScalingSide:
    """Application Auto Scaling: the target of `live`."""

    def __init__(self, scaling: Any) -> None:
        self._scaling = scaling

    def describe_scalable_targets(self, request: Request) -> Answer:
        found = self._scaling.suspended()
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": request.params["ResourceIds"][0],
            "ScalableDimension": request.params["ScalableDimension"],
            "MinCapacity": 1,
            "MaxCapacity": 4,
            "RoleARN": "role",
            "CreationTime": _STARTED,
        }
        targets = [{**target, "SuspendedState": suspended_state(found)}] if found else []
        return json_answer({"ScalableTargets": targets})

    def register_scalable_target(self, request: Request) -> Answer:
        self._scaling.suspend(suspended_from(request.params["SuspendedState"]))
        return json_answer({})


class ExecutionsSide:
    """Step Functions."""

    def __init__(self, executions: Any) -> None:
        self._executions = executions

    def start_execution(self, request: Request) -> Answer:
        machine, name = request.params["stateMachineArn"], request.params["name"]
        document = json.loads(request.params["input"])
        if not self._executions.start(machine, name=name, document=document):
            raise Refused("ExecutionAlreadyExists", f"Execution Already Exists: '{name}'")
        return json_answer({"executionArn": f"{machine}:{name}", "startDate": _STARTED})

    def describe_execution(self, request: Request) -> Answer:
        machine, name = _execution(request)
        found = self._executions.describe(machine, name=name)
        if found is None:
            raise Refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{name}'")
        output = {"output": json.dumps(found.output)} if found.status == "SUCCEEDED" else {}
        return json_answer({"status": found.status, "startDate": _STARTED, **output})

    def stop_execution(self, request: Request) -> Answer:
        machine, name = _execution(request)
        self._executions.stop(machine, name=name, reason=request.params.get("cause", ""))
        if self._executions.describe(machine, name=name) is None:
            raise Refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{name}'")
        return json_answer({"stopDate": _STARTED})

    def list_executions(self, request: Request) -> Answer:
        names = self._executions.running(request.params["stateMachineArn"])
        executions = [{"name": name, "status": "RUNNING", "startDate": _STARTED} for name in names]
        return json_answer({"executions": executions})


def _execution(request: Request) -> tuple[str, str]:
    machine, _, name = request.params["executionArn"].rpartition(":")
    return machine.replace(":execution:", ":stateMachine:"), name


class EventsSide:
    """The event bus, and SNS."""

    def __init__(self, events: Any, topic: Any) -> None:
        self._events, self._topic = events, topic

    def put_events(self, request: Request) -> Answer:
        for entry in request.params["Entries"]:
            self._events.publish(json.loads(entry["Detail"]))
        return json_answer({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})

    def publish(self, request: Request) -> Answer:
        self._topic.publish(subject=request.params["Subject"], text=request.params["Message"])
        return _xml("Publish", "<MessageId>1</MessageId>")


class StackSide:
    """CloudFormation: the hosting stack."""

    def __init__(self, fake: FakeStack, stack: SimpleNamespace) -> None:
        self._fake, self._stack = fake, stack

    def describe_stacks(self, request: Request) -> Answer:
        view, name = self._stack.describe(), request.params["StackName"]
        if view is None:
            raise Refused("ValidationError", f"Stack with id {name} does not exist")
        outputs = {"EndpointConfigName": view.config_name, "ModelPackage": view.package_arn}
        members = "".join(
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
            for key, value in outputs.items()
        )
        parameter = "<member><ParameterKey>LiveModelPackage</ParameterKey></member>"
        stack = (
            f"<StackName>{name}</StackName><StackStatus>{view.status}</StackStatus>"
            f"<CreationTime>2026-11-21T05:01:02Z</CreationTime><Outputs>{members}</Outputs>"
            f"<Parameters>{parameter}</Parameters>"
        )
        return _xml("DescribeStacks", f"<Stacks><member>{stack}</member></Stacks>")

    def describe_stack_resources(self, request: Request) -> Answer:
        # The ARN behind a configuration holds its name in lower case.
        arn = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/{self._fake.config.lower()}"
        resource = (
            f"<ResourceType>{_CONFIG}</ResourceType><PhysicalResourceId>{arn}</PhysicalResourceId>"
            "<ResourceStatus>CREATE_COMPLETE</ResourceStatus><LogicalResourceId>Config</LogicalResourceId>"
            "<Timestamp>2026-11-21T05:01:02Z</Timestamp>"
        )
        return _xml("DescribeStackResources", f"<StackResources><member>{resource}</member></StackResources>")

    def update_stack(self, request: Request) -> Answer:
        parameter = request.params["Parameters.member.1.ParameterKey"]
        if parameter != "LiveModelPackage":
            raise Refused("ValidationError", f"Parameters: [{parameter}] do not exist in the template")
        assert request.params["Parameters.member.1.UsePreviousValue"] == "true"
        token = request.params["ClientRequestToken"]
        if token in self._fake.tokens:
            raise Refused("TokenAlreadyExistsException", f"Token {token} already exists")
        self._stack.update(token=token)
        return _xml("UpdateStack", "<StackId>stack</StackId>")


def _xml(operation: str, result: str) -> Answer:
    content = f"<{operation}Result>{result}</{operation}Result>"
    return Answer(body=f"<{operation}Response>{content}</{operation}Response>".encode())
