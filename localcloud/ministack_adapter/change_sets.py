"""Change sets as CloudFormation makes them: outputs are changes too, and some replacements are certain.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html and
https://github.com/aws/aws-cdk/pull/2029 (a change of outputs only is executable, with no change in it).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers, provisioners

Parameters = Mapping[str, list[str]]

# Types that ministack deploys without saying what replaces them: the `createOnlyProperties` of each
# type's schema in the CloudFormation registry. The update of a key fails rather than make another key.
_CREATE_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::KMS::Key": (),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix", "BucketNamespace"),
}
_NO_CHANGES: Final = "The submitted information didn't contain changes."


def install() -> None:
    """Put this before ministack's CreateChangeSet."""
    for kind, properties in _CREATE_ONLY.items():
        provisioners._REPLACING_PROPERTIES.setdefault(kind, properties)
    handlers._ACTION_HANDLERS["CreateChangeSet"] = _counting_outputs(
        handlers._ACTION_HANDLERS["CreateChangeSet"]
    )


def _counting_outputs(original: Callable[[Parameters], Any]) -> Callable[[Parameters], Any]:
    def create(params: Parameters) -> Any:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        response = original(params)
        name = helpers._p(params, "ChangeSetName")
        for made in cloudformation._change_sets.values():
            if stack is not None and made["ChangeSetName"] == name and made["StackId"] == stack["StackId"]:
                _count_outputs(made, stack)
        return response

    return create


def _count_outputs(made: dict[str, Any], stack: Mapping[str, Any]) -> None:
    without = made["Status"] == "FAILED" and made["StatusReason"].startswith(_NO_CHANGES)
    if without and _outputs(made) != _outputs(stack):
        made |= {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "StatusReason": ""}


def _outputs(holder: Mapping[str, Any]) -> Any:
    return (holder.get("_template") or {}).get("Outputs") or {}
