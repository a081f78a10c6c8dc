"""A cloud assembly in a folder, and the stacks that are deployed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

TABLE: Final = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {"KeySchema": [{"AttributeName": "endpoint", "KeyType": "HASH"}], "BillingMode": "A"},
}
FUNCTION: Final = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 10, "MemorySize": 128}}
Assembly = Callable[..., Path]


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    """Write stacks, by name; a name with a slash lies in the nested assembly of a stage."""

    def write(**stacks: dict[str, Any]) -> Path:
        _write(tmp_path, {name.replace("_", "-"): resources for name, resources in stacks.items()})
        return tmp_path

    return write


def _write(folder: Path, stacks: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    artifacts: dict[str, Any] = {}
    for name, resources in stacks.items():
        if name.startswith("stage-"):
            nested = f"assembly-{name}"
            artifacts[name] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": nested}}
            _write(folder / nested, {name.removeprefix("stage-"): resources})
            continue
        (folder / f"{name}.json").write_text(json.dumps({"Resources": resources}))
        role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lookup-${AWS::Region}"
        artifacts[f"Artifact{name}"] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {
                "stackName": name,
                "templateFile": f"{name}.json",
                "lookupRole": {"arn": role},
                "tags": {"tidegate:service": "digits"},
            },
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


class CloudFormation:
    """What is deployed, by name; and what CloudFormation says of change sets."""

    def __init__(self) -> None:
        self.deployed: dict[str, Any] = {}
        self.said: list[dict[str, Any]] = []
        self.denied = ""
        self.failed = ""
        self.made: list[dict[str, Any]] = []
        self.deleted: list[str] = []

    def reading(self, *_: Any) -> "CloudFormation":
        return self

    changing = reading

    def describe_stacks(self, **request: str) -> dict[str, Any]:
        if request["StackName"] not in self.deployed:
            raise refusal("ValidationError", "DescribeStacks")
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}

    def get_template(self, **request: str) -> dict[str, Any]:
        assert request["TemplateStage"] == "Original"
        return {"TemplateBody": {"Resources": self.deployed[request["StackName"]]}}

    def create_change_set(self, **request: Any) -> None:
        if self.denied:
            raise refusal(self.denied, "CreateChangeSet")
        self.made.append(request)

    def describe_change_set(self, **_request: str) -> dict[str, Any]:
        if self.failed:
            return {"Status": "FAILED", "StatusReason": self.failed, "Changes": []}
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": one} for one in self.said]}

    def delete_change_set(self, **request: str) -> None:
        self.deleted.append(request["ChangeSetName"])


@pytest.fixture
def cloud() -> CloudFormation:
    return CloudFormation()
