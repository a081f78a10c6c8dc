"""A controller's AWS, in memory."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/digits-production/3"
PLAN = {
    "steps": [
        {"weight_percent": p, "min_bake_seconds": 300, "max_bake_seconds": 3600, "min_requests": 100}
        for p in (5, 100)
    ],
    "watch": {"min_bake_seconds": 300, "max_bake_seconds": 1800, "min_requests": 100},
}


def refusal(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakePaginator:
    def __init__(self, page: dict[str, Any]) -> None:
        self._page = page

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        prefix = request.get("ExpressionAttributeValues", {}).get(":prefix", {"S": ""})["S"]
        items = self._page.get("Items")
        yield {
            **self._page,
            "Items": [item for item in items or () if item["entry"]["S"].startswith(prefix)],
        }


class FakeAws:
    """Stands for every client at once: the operations' names are distinct."""

    def __init__(self) -> None:
        self.outputs: dict[str, str] | None = {
            "EndpointName": "digits-production",
            "PointerParameter": "/tidegate/production/digits/live-model-package",
            "HostingStack": "digits-production-hosting",
            "LedgerTable": "ledger",
            "RolloutStateMachine": "arn:rollout",
            "RollbackStateMachine": "arn:rollback",
        }
        self.items: list[dict[str, Any]] = []
        self.plan: dict[str, Any] | None = PLAN
        self.pointer: str | None = PACKAGE[:-1] + "2"
        self.weights: list[tuple[float, float]] = [(95.0, 5.0)]
        self.started: list[dict[str, Any]] = []
        self.packages: dict[str, dict[str, Any]] = {}
        self.cloudformation = self.dynamodb = self.functions = self.sagemaker = self
        self.ssm = self.state_machines = self.sts = self
        self.answer: dict[str, Any] = {"status": "DONE", "message": "as you say", "rollout_id": "v3-x"}
        self.failed = ""
        self.invoked: list[dict[str, Any]] = []

    def run(self, rollout_id: str, status: str = "RUNNING", **body: Any) -> None:
        body = {"package_arn": PACKAGE, "started_at": 1000.0, "phase": "STEPPING", **body}
        self._put(f"RUN#{rollout_id}", body, status={"S": status})

    def log(self, rollout_id: str, at: float, kind: str, **body: Any) -> None:
        self._put(f"LOG#{rollout_id}#{int(at * 1000):015d}#{kind}", {"at": at, "kind": kind, **body})

    def _put(self, entry: str, body: dict[str, Any], **more: Any) -> None:
        self.items.append({"entry": {"S": entry}, "body": {"S": json.dumps(body)}, **more})

    def describe_stacks(self, **request: str) -> dict[str, Any]:
        if self.outputs is None:
            raise refusal(
                "ValidationError", f"Stack with id {request['StackName']} does not exist", "DescribeStacks"
            )
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}

    def get_paginator(self, operation: str) -> FakePaginator:
        if operation == "query":
            return FakePaginator({"Items": self.items})
        summaries = [{"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "judge"}]
        return FakePaginator({"StackResourceSummaries": summaries})

    def get_function_configuration(self, **request: str) -> dict[str, Any]:
        if self.plan is None:
            raise refusal("AccessDeniedException", request["FunctionName"], "GetFunctionConfiguration")
        return {"Environment": {"Variables": {"PLAN": json.dumps(self.plan)}}}

    def get_parameter(self, **request: str) -> dict[str, Any]:
        if self.pointer is None:
            raise refusal("ParameterNotFound", request["Name"], "GetParameter")
        return {"Parameter": {"Value": self.pointer}}

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Arn": "arn:aws:sts::111122223333:assumed-role/Operators/ada"}

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.invoked.append({**request, "Payload": json.loads(request["Payload"])})
        failure = {"errorType": "Transient", "errorMessage": self.failed}
        payload = io.BytesIO(json.dumps(failure if self.failed else self.answer).encode())
        return {"Payload": payload, **({"FunctionError": "Unhandled"} if self.failed else {})}

    def describe_endpoint(self, **request: str) -> dict[str, Any]:
        if not self.weights:
            message = f"Could not find endpoint {request['EndpointName']}."
            raise refusal("ValidationException", message, "DescribeEndpoint")
        live, candidate = self.weights.pop(0) if len(self.weights) > 1 else self.weights[0]
        variants = [
            {"VariantName": name, "CurrentWeight": weight, "DesiredWeight": weight, "CurrentInstanceCount": 2}
            for name, weight in (("live", live), ("candidate", candidate))
        ]
        return {"EndpointStatus": "InService", "EndpointConfigName": "c", "ProductionVariants": variants}

    def describe_model_package(self, **request: str) -> dict[str, Any]:
        if request["ModelPackageName"] not in self.packages:
            raise refusal("AccessDeniedException", request["ModelPackageName"], "DescribeModelPackage")
        return self.packages[request["ModelPackageName"]]

    def start_execution(self, **request: Any) -> dict[str, Any]:
        if any(known["name"] == request["name"] for known in self.started):
            raise refusal("ExecutionAlreadyExists", request["name"], "StartExecution")
        self.started.append(request)
        return {}


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()
