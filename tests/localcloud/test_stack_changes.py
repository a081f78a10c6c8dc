"""What a change set says before, and what the events say after: outputs count, untouched resources do not."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.running_cloud import clients, running


@pytest.fixture(scope="module")
def cloudformation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(tmp_path_factory.mktemp("cloud")) as url:
        yield Stack(clients(url)("cloudformation"))


class Stack:
    """One stack with a bucket and a topic."""

    def __init__(self, client: Any) -> None:
        self._client = client
        client.create_stack(StackName="s", TemplateBody=self.template())
        self.settle()

    @staticmethod
    def template(*, commit: str = "one", bucket: str = "first", title: str = "a") -> str:
        resources = {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": title}},
        }
        return json.dumps({"Resources": resources, "Outputs": {"Commit": {"Value": commit}}})

    def settle(self) -> dict[str, Any]:
        while True:
            (stack,) = self._client.describe_stacks(StackName="s")["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return dict(stack)
            time.sleep(0.05)

    def change_set(self, name: str, template: str) -> Any:
        self._client.create_change_set(StackName="s", ChangeSetName=name, TemplateBody=template)
        return self._client.describe_change_set(StackName="s", ChangeSetName=name)

    def execute(self, name: str) -> tuple[dict[str, Any], set[str]]:
        """Return the stack after a change set, and the logical ids of the events meanwhile."""
        before = {event["EventId"] for event in self._events()}
        self._client.execute_change_set(StackName="s", ChangeSetName=name)
        stack = self.settle()
        return stack, {e["LogicalResourceId"] for e in self._events() if e["EventId"] not in before}

    def _events(self) -> list[Any]:
        return list(self._client.describe_stack_events(StackName="s")["StackEvents"])


def test_a_change_of_an_output_is_executable_and_touches_no_resource(cloudformation: Stack) -> None:
    described = cloudformation.change_set("output", cloudformation.template(commit="two"))
    assert (described["Status"], described["Changes"]) == ("CREATE_COMPLETE", [])
    stack, touched = cloudformation.execute("output")
    assert [output["OutputValue"] for output in stack["Outputs"]] == ["two"]
    assert touched == {"s"}


def test_only_what_has_changed_has_events(cloudformation: Stack) -> None:
    cloudformation.change_set("title", cloudformation.template(commit="two", title="b"))
    assert cloudformation.execute("title")[1] == {"s", "Topic"}


def test_a_change_of_nothing_is_still_no_change(cloudformation: Stack) -> None:
    described = cloudformation.change_set("none", cloudformation.template(commit="two", title="b"))
    assert described["Status"] == "FAILED"
    assert described["StatusReason"].startswith("The submitted information didn't contain changes.")


def test_another_name_of_a_bucket_is_known_to_replace_it(cloudformation: Stack) -> None:
    described = cloudformation.change_set("name", cloudformation.template(commit="two", bucket="second"))
    (bucket,) = [
        change["ResourceChange"]
        for change in described["Changes"]
        if change["ResourceChange"]["LogicalResourceId"] == "Bucket"
    ]
    assert bucket["Replacement"] == "True"
