"""CloudFormation deploy actions, through the same CloudFormation that the CLI talks to.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.artifact import Artifact, zipped
from localcloud.clients import Clients
from localcloud.codepipeline.actions.stack_request import StackRequest
from localcloud.codepipeline.actions.stack_waits import change_set_settled, stack_settled
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.outcome import ActionFailed, Succeeded

_UNCHANGED: Final = ("didn't contain changes", "No updates are to be performed")
_GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


class StackAction:
    """Creates and executes change sets, creates, updates and deletes stacks.

    Args:
        clients: reaches CloudFormation and S3.

    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._modes: Mapping[str, Callable[[Any, StackRequest], None]] = {
            "CHANGE_SET_REPLACE": _replace_change_set,
            "CHANGE_SET_EXECUTE": _execute_change_set,
            "CREATE_UPDATE": _create_or_update,
            "DELETE_ONLY": _delete,
        }

    def __call__(self, context: Context) -> Succeeded:
        """Carry out the action's mode.

        Raises:
            ActionFailed: CloudFormation refuses, or the stack did not settle well.

        """
        mode = context.configuration["ActionMode"]
        if mode not in self._modes:
            raise ActionFailed("NotEmulated", f"The local cloud does not emulate the ActionMode {mode}.")
        stacks = self._clients.of("cloudformation", context.role_arn, context.session)
        s3 = self._clients.of("s3", context.role_arn, context.session)
        try:
            store = self._clients.of("s3", "", context.session)
            request = StackRequest.read(context, s3, store)
            self._modes[mode](stacks, request)
            outputs = {} if mode in ("CHANGE_SET_REPLACE", "DELETE_ONLY") else _outputs(stacks, request.name)
        except ClientError as error:
            raise ActionFailed("ConfigurationError", error.response["Error"]["Message"]) from error
        return Succeeded(variables=outputs, artifacts=self._stored(context, s3, outputs))

    def _stored(self, context: Context, s3: Any, outputs: Mapping[str, str]) -> tuple[Artifact, ...]:
        name = context.configuration.get("OutputFileName")
        if not name or not context.run.action.outputs:
            return ()
        artifact = context.new_artifact(context.run.action.outputs[0])
        data = zipped({name: json.dumps(outputs).encode()})
        s3.put_object(Bucket=artifact.bucket, Key=artifact.key, Body=data)
        return (artifact,)


def _replace_change_set(stacks: Any, request: StackRequest) -> None:
    name = {"StackName": request.name, "ChangeSetName": request.required("ChangeSetName")}
    stack = _described(stacks, request.name)
    if stack is not None:
        _ignore_missing(lambda: stacks.delete_change_set(**name))
    new = stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    stacks.create_change_set(**name, **request.parameters(), ChangeSetType="CREATE" if new else "UPDATE")
    found = change_set_settled(stacks, name)
    if found["Status"] == "FAILED" and not _is_unchanged(found):
        raise ActionFailed("JobFailed", found.get("StatusReason", "The change set failed."))


def _execute_change_set(stacks: Any, request: StackRequest) -> None:
    name = {"StackName": request.name, "ChangeSetName": request.required("ChangeSetName")}
    found = change_set_settled(stacks, name)
    if found["Status"] == "FAILED" and _is_unchanged(found):
        return
    stacks.execute_change_set(**name)
    _settle(stacks, request.name)


def _create_or_update(stacks: Any, request: StackRequest) -> None:
    if _described(stacks, request.name) is None:
        stacks.create_stack(StackName=request.name, **request.parameters())
    else:
        try:
            stacks.update_stack(StackName=request.name, **request.parameters())
        except ClientError as error:
            if _UNCHANGED[1] in error.response["Error"]["Message"]:
                return
            raise
    _settle(stacks, request.name)


def _delete(stacks: Any, request: StackRequest) -> None:
    found = _described(stacks, request.name)
    if found is None:
        return
    stacks.delete_stack(StackName=found["StackId"])
    status, reason = stack_settled(stacks, found["StackId"])
    if status != "DELETE_COMPLETE":
        raise ActionFailed("JobFailed", f"The stack {request.name} is {status}. {reason}".strip())


def _settle(stacks: Any, name: str) -> None:
    status, reason = stack_settled(stacks, name)
    if status not in _GOOD:
        raise ActionFailed("JobFailed", f"The stack {name} is {status}. {reason}".strip())


def _described(stacks: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return found if found["StackStatus"] != "DELETE_COMPLETE" else None


def _outputs(stacks: Any, name: str) -> dict[str, str]:
    found = _described(stacks, name) or {}
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def _is_unchanged(change_set: Mapping[str, Any]) -> bool:
    return any(words in change_set.get("StatusReason", "") for words in _UNCHANGED)


def _ignore_missing(act: Callable[[], object]) -> None:
    try:
        act()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ChangeSetNotFound", "ChangeSetNotFoundException"):
            raise
