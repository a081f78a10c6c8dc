"""AWS::CodePipeline::Pipeline and AWS::CodeBuild::Project.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html
and https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html
"""

from collections.abc import Mapping
from typing import Any, Final

from localcloud.cloudformation.properties import PropertyError, input_shape, to_request
from localcloud.cloudformation.resource import (
    Call,
    Created,
    Properties,
    ResourceType,
    changed_in_place,
    generated_name,
    ignore_missing,
)
from localcloud.errors import NotEmulated

_BESIDE: Final = frozenset({"DisableInboundStageTransitions", "RestartExecutionOnUpdate", "Tags"})


class DeliveryPipelineResource:
    """Pipelines. With RestartExecutionOnUpdate, a change of the structure starts an execution.

    Args:
        call: how to reach CodePipeline.

    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return changed_in_place("AWS::CodePipeline::Pipeline", self, but="Name")

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the pipeline."""
        name = properties.get("Name") or generated_name(stack_name, logical_id, with_stack=True)
        request = {"pipeline": _structure(properties, name), "tags": _tags(properties)}
        answer = self._call("codepipeline", "CreatePipeline", request)
        return name, {"Version": str(answer["pipeline"]["version"])}

    def update(self, physical_id: str, old: Properties, new: Properties, _stack_name: str) -> Created:
        """Change the structure, and start again if that is wanted; tags alone start nothing."""
        structure = _structure(new, physical_id)
        if structure != _structure(old, physical_id):
            self._call("codepipeline", "UpdatePipeline", {"pipeline": structure})
            if str(new.get("RestartExecutionOnUpdate", "false")).lower() == "true":
                self._call("codepipeline", "StartPipelineExecution", {"name": physical_id})
        found = self._call("codepipeline", "GetPipeline", {"name": physical_id})
        return physical_id, {"Version": str(found["pipeline"]["version"])}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the pipeline; what runs is abandoned."""
        self._call("codepipeline", "DeletePipeline", {"name": physical_id})


class BuildProjectResource:
    """Build projects: `Ref` is the name.

    Args:
        call: how to reach CodeBuild.

    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return changed_in_place("AWS::CodeBuild::Project", self, but="Name")

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the project."""
        name = properties.get("Name") or generated_name(stack_name, logical_id, with_stack=True)
        return self._put("CreateProject", name, properties)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack_name: str) -> Created:
        """Change the project."""
        return self._put("UpdateProject", physical_id, new)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the project."""
        ignore_missing(lambda: self._call("codebuild", "DeleteProject", {"name": physical_id}))

    def _put(self, operation: str, name: str, properties: Properties) -> Created:
        if properties.get("Triggers"):
            raise NotEmulated("AWS::CodeBuild::Project Triggers: nothing here delivers webhooks")
        request = _request("codebuild", operation, {**properties, "Name": name})
        project = self._call("codebuild", operation, request)["project"]
        return name, {"Arn": project["arn"]}


def _structure(properties: Properties, name: str) -> dict[str, Any]:
    if properties.get("DisableInboundStageTransitions"):
        raise NotEmulated("AWS::CodePipeline::Pipeline DisableInboundStageTransitions")
    own = {key: value for key, value in properties.items() if key not in _BESIDE}
    store = own.pop("ArtifactStores", None)
    if store is not None:
        own["ArtifactStores"] = {each["Region"]: each["ArtifactStore"] for each in store}
    request = _request("codepipeline", "UpdatePipeline", {"Pipeline": {**own, "Name": name}})
    structure: dict[str, Any] = request["pipeline"]
    return structure


def _tags(properties: Properties) -> list[dict[str, str]]:
    return [{"key": each["Key"], "value": each["Value"]} for each in properties.get("Tags", ())]


def _request(service: str, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return an API request from properties, whose names differ in their letters' case."""
    return to_request(service, operation, _spelled(input_shape(service, operation), properties, "#"))


def _spelled(shape: Any, value: Any, path: str) -> Any:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        known = {name.lower(): name for name in shape.members}
        unknown = [name for name in value if name.lower() not in known]
        if unknown:
            raise PropertyError(f"{path}: extraneous key [{unknown[0]}] is not permitted")
        names = {name: known[name.lower()] for name in value}
        return {
            names[name]: _spelled(shape.members[names[name]], item, f"{path}/{name}")
            for name, item in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_spelled(shape.member, item, path) for item in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _spelled(shape.value, item, f"{path}/{key}") for key, item in value.items()}
    return value
