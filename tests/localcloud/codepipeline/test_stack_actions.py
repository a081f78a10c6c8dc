"""CloudFormation actions ask for the change sets and stacks that AWS's would, and fail with its reasons."""

import json
from typing import Any

import pytest

from localcloud.artifact import file_of
from localcloud.codepipeline.actions.stacks import StackAction
from localcloud.codepipeline.outcome import ActionFailed
from tests.localcloud.codepipeline.action_world import FakeClients, FakeS3, context_of, refused

TEMPLATE = {"synth": {"nested/hosting.json": b'{"Resources": {}}', "settings.json": b"{}"}}
CHANGE_SET = {"StackName": "digits-dev", "ChangeSetName": "PipelineChange"}
REPLACE = {
    **CHANGE_SET,
    "ActionMode": "CHANGE_SET_REPLACE",
    "TemplatePath": "synth::nested/hosting.json",
    "Capabilities": "CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND",
    "RoleArn": "arn:aws:iam::000000000000:role/cfn-exec",
}


class Stacks:
    """CloudFormation as far as the actions go: one stack, one change set."""

    def __init__(self, *, status: str = "", reason: str = "", ends: str = "UPDATE_COMPLETE") -> None:
        self.status = status
        self.reason = reason
        self.ends = ends
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if not self.status:
            raise refused(f"Stack with id {StackName} does not exist")
        outputs = [{"OutputKey": "Url", "OutputValue": "https://x"}]
        return {"Stacks": [{"StackId": "arn:1", "StackStatus": self.status, "Outputs": outputs}]}

    def describe_change_set(self, **_name: str) -> dict[str, Any]:
        return {"Status": "FAILED" if self.reason else "CREATE_COMPLETE", "StatusReason": self.reason}

    def describe_stack_events(self, **_name: str) -> dict[str, Any]:
        base = {"StackName": "digits-dev"}
        return {
            "StackEvents": [
                {**base, "LogicalResourceId": "digits-dev", "ResourceStatus": self.ends},
                {
                    **base,
                    "LogicalResourceId": "Endpoint",
                    "ResourceStatus": "UPDATE_FAILED",
                    "ResourceStatusReason": "no capacity",
                },
                {**base, "LogicalResourceId": "digits-dev", "ResourceStatus": "UPDATE_IN_PROGRESS"},
                {
                    **base,
                    "LogicalResourceId": "Old",
                    "ResourceStatus": "CREATE_FAILED",
                    "ResourceStatusReason": "long ago",
                },
            ]
        }

    def __getattr__(self, name: str) -> Any:
        def call(**params: Any) -> dict[str, Any]:
            self.calls.append((name, params))
            if name in ("execute_change_set", "create_stack", "update_stack", "delete_stack"):
                self.status = self.ends
            return {}

        return call

    def made(self, name: str) -> dict[str, Any]:
        return next(params for each, params in self.calls if each == name)


def run(stacks: Stacks, configuration: dict[str, str], **more: Any) -> tuple[Any, FakeClients, FakeS3]:
    s3 = FakeS3()
    clients = FakeClients(cloudformation=stacks, s3=s3)
    context = context_of("Deploy", configuration, inputs=TEMPLATE, s3=s3, **more)
    return StackAction(clients)(context), clients, s3  # type: ignore[arg-type]


def test_a_change_set_is_created_for_a_stack_that_is_not_there_yet() -> None:
    stacks = Stacks()
    _, clients, s3 = run(stacks, REPLACE)
    asked = stacks.made("create_change_set")
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Capabilities"] == ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    assert asked["RoleARN"] == REPLACE["RoleArn"]
    key = asked["TemplateURL"].removeprefix("https://s3.us-east-1.amazonaws.com/artifacts/")
    assert s3.versions["artifacts", key] == [b'{"Resources": {}}']
    assert ("cloudformation", "arn:aws:iam::000000000000:role/action") in clients.roles


def test_a_change_set_that_is_there_is_replaced() -> None:
    stacks = Stacks(status="UPDATE_COMPLETE")
    run(stacks, REPLACE)
    assert [name for name, _ in stacks.calls] == ["delete_change_set", "create_change_set"]
    assert stacks.made("create_change_set")["ChangeSetType"] == "UPDATE"


def test_a_change_set_without_changes_succeeds_and_executes_nothing() -> None:
    stacks = Stacks(
        status="UPDATE_COMPLETE", reason="The submitted information didn't contain changes. Submit different"
    )
    run(stacks, REPLACE)
    result, _, _ = run(stacks, {**CHANGE_SET, "ActionMode": "CHANGE_SET_EXECUTE"})
    assert "execute_change_set" not in [name for name, _ in stacks.calls]
    assert result.variables == {"Url": "https://x"}


def test_a_change_set_that_fails_fails_the_action_with_its_reason() -> None:
    with pytest.raises(ActionFailed, match="Template error: no such parameter"):
        run(Stacks(status="UPDATE_COMPLETE", reason="Template error: no such parameter"), REPLACE)


def test_an_executed_change_set_answers_the_outputs_of_the_stack() -> None:
    stacks = Stacks(status="CREATE_COMPLETE")
    result, _, _ = run(stacks, {**CHANGE_SET, "ActionMode": "CHANGE_SET_EXECUTE"})
    assert stacks.made("execute_change_set") == CHANGE_SET
    assert result.variables == {"Url": "https://x"}


def test_a_stack_that_rolls_back_fails_the_action_with_the_first_reason_of_this_update() -> None:
    stacks = Stacks(status="CREATE_COMPLETE", ends="UPDATE_ROLLBACK_COMPLETE")
    with pytest.raises(ActionFailed, match=r"is UPDATE_ROLLBACK_COMPLETE\. Endpoint: no capacity"):
        run(stacks, {**CHANGE_SET, "ActionMode": "CHANGE_SET_EXECUTE"})


@pytest.mark.parametrize(("status", "call"), [("", "create_stack"), ("CREATE_COMPLETE", "update_stack")])
def test_create_update_does_whichever_is_needed_and_stores_the_outputs(status: str, call: str) -> None:
    stacks = Stacks(status=status)
    configuration = {**REPLACE, "ActionMode": "CREATE_UPDATE", "OutputFileName": "outputs.json"}
    result, _, s3 = run(stacks, configuration, outputs=("told",))
    assert [name for name, _ in stacks.calls] == [call]
    [artifact] = result.artifacts
    stored = file_of(s3.versions[artifact.bucket, artifact.key][0], "outputs.json")
    assert json.loads(stored or b"") == {"Url": "https://x"}


def test_delete_waits_until_the_stack_is_gone() -> None:
    stacks = Stacks(status="CREATE_COMPLETE", ends="DELETE_COMPLETE")
    run(stacks, {"ActionMode": "DELETE_ONLY", "StackName": "digits-dev"})
    assert stacks.made("delete_stack") == {"StackName": "arn:1"}


def test_parameters_come_from_the_configuration_file_and_the_overrides_over_it() -> None:
    stacks, s3 = Stacks(), FakeS3()
    settings = {"Parameters": {"Count": "1", "Name": "a"}, "Tags": {"team": "ml"}}
    inputs = {
        "synth": {"t.json": b"{}", "settings.json": json.dumps(settings).encode()},
        "built": {"out.json": b'{"Version": "7"}'},
    }
    overrides = {
        "Name": "b",
        "Version": {"Fn::GetParam": ["built", "out.json", "Version"]},
        "Bucket": {"Fn::GetArtifactAtt": ["built", "BucketName"]},
    }
    configuration = {
        **REPLACE,
        "TemplatePath": "synth::t.json",
        "TemplateConfiguration": "synth::settings.json",
        "ParameterOverrides": json.dumps(overrides),
    }
    context = context_of("Deploy", configuration, inputs=inputs, s3=s3)
    StackAction(FakeClients(cloudformation=stacks, s3=s3))(context)  # type: ignore[arg-type]
    asked = stacks.made("create_change_set")
    values = {each["ParameterKey"]: each["ParameterValue"] for each in asked["Parameters"]}
    assert values == {"Count": "1", "Name": "b", "Version": "7", "Bucket": "artifacts"}
    assert asked["Tags"] == [{"Key": "team", "Value": "ml"}]


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({**REPLACE, "TemplatePath": "synth::none.json"}, "no file none.json in synth"),
        ({**REPLACE, "TemplatePath": "other::t.json"}, "no input artifact other"),
        ({**REPLACE, "ActionMode": "REPLACE_ON_FAILURE"}, "does not emulate the ActionMode"),
        ({"ActionMode": "CHANGE_SET_EXECUTE", "StackName": "s"}, "ChangeSetName is required"),
        ({**CHANGE_SET, "ActionMode": "CHANGE_SET_REPLACE"}, "TemplatePath is required"),
    ],
)
def test_rejects_a_configuration_that_names_nothing(configuration: dict[str, str], words: str) -> None:
    with pytest.raises(ActionFailed, match=words):
        run(Stacks(), configuration)
