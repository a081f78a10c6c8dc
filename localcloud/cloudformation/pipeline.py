"""AWS::SageMaker::Pipeline: the definition is a property of its own form; `Ref` is the pipeline's name.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-pipeline.html
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from localcloud.cloudformation.properties import PropertyError, to_request
from localcloud.cloudformation.resource import (
    Created,
    Properties,
    ResourceType,
    SpecifiedResource,
    changed_in_place,
    generated_name,
    ignore_missing,
    update_tags,
)

_DEFINITION = "PipelineDefinition"
_BODY, _LOCATION = "PipelineDefinitionBody", "PipelineDefinitionS3Location"
_OBJECT: Mapping[str, str] = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}


class PipelineResource(SpecifiedResource):
    """Everything but the name changes in place."""

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return changed_in_place("AWS::SageMaker::Pipeline", self, but="PipelineName")

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the pipeline under the name in its properties, or under a new one."""
        name = str(properties.get("PipelineName") or generated_name(stack_name, logical_id, with_stack=True))
        token = {"ClientRequestToken": str(uuid4())}
        request = to_request("sagemaker", "CreatePipeline", _request(properties) | token)
        arn = self._call("sagemaker", "CreatePipeline", request | {"PipelineName": name})["PipelineArn"]
        return name, {"PipelineName": name, "PipelineArn": arn}

    def update(self, physical_id: str, old: Properties, new: Properties, _stack_name: str) -> Created:
        """Change definition, role, texts and tags."""
        changed = {
            name: value for name, value in _request(new).items() if name not in ("Tags", "PipelineName")
        }
        request = to_request("sagemaker", "UpdatePipeline", changed) | {"PipelineName": physical_id}
        arn = self._call("sagemaker", "UpdatePipeline", request)["PipelineArn"]
        update_tags(self._call, arn, old.get("Tags") or [], new.get("Tags") or [])
        return physical_id, {"PipelineName": physical_id, "PipelineArn": arn}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the pipeline; one that is gone already is fine."""
        request = {"PipelineName": physical_id, "ClientRequestToken": str(uuid4())}
        ignore_missing(lambda: self._call("sagemaker", "DeletePipeline", request))


def _request(properties: Properties) -> dict[str, Any]:
    found = {name: value for name, value in properties.items() if name != _DEFINITION}
    definition = properties.get(_DEFINITION)
    if not isinstance(definition, Mapping) or (_BODY in definition) == (_LOCATION in definition):
        raise PropertyError(f"#/{_DEFINITION}: must have either {_BODY} or {_LOCATION}")
    if _BODY in definition:
        body = definition[_BODY]
        return found | {_DEFINITION: body if isinstance(body, str) else json.dumps(body)}
    location: Mapping[str, Any] = definition[_LOCATION]
    unknown = sorted(set(location) - {*_OBJECT, "ETag"})
    if unknown or "ETag" in location:
        raise PropertyError(f"#/{_DEFINITION}/{_LOCATION}: {unknown or ['ETag']} is not emulated")
    return found | {_LOCATION: {_OBJECT[name]: value for name, value in location.items()}}
