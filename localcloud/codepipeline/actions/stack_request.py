"""What a CloudFormation action asks for: template, parameters, capabilities and role.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
(TemplateConfiguration; ParameterOverrides go over it, and may use Fn::GetParam and Fn::GetArtifactAtt)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from localcloud.artifact import file_of
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.outcome import ActionFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """One action's wish.

    Attributes:
        name: the stack.
        configuration: the action's.
        template_url: where its template lies, empty for a mode that needs none.
        values: template parameters.
        tags: tags of the stack.

    """

    name: str
    configuration: Mapping[str, str]
    template_url: str
    values: Mapping[str, str]
    tags: Mapping[str, str]

    @classmethod
    def read(cls, context: Context, s3: Any, store: Any) -> Self:
        """Read what the action's configuration names from its input artifacts.

        Args:
            context: the action.
            s3: client of S3 with the action's role.
            store: client of S3 with which CodePipeline itself writes to the artifact store.

        Raises:
            ActionFailed: an artifact, a file in it, or JSON that is not there.

        """
        files = _Files(context, s3, store)
        configuration = context.configuration
        settings = {}
        if configuration.get("TemplateConfiguration"):
            settings = files.json(configuration["TemplateConfiguration"])
        if settings.get("StackPolicy"):
            raise ActionFailed("NotEmulated", "The local cloud does not emulate StackPolicy.")
        overrides = json.loads(configuration.get("ParameterOverrides") or "{}")
        values = {**settings.get("Parameters", {}), **overrides}
        template = configuration.get("TemplatePath")
        return cls(
            name=configuration["StackName"],
            configuration=configuration,
            template_url=files.published(template) if template else "",
            values={name: files.value(value) for name, value in values.items()},
            tags=settings.get("Tags", {}),
        )

    def required(self, key: str) -> str:
        """Return a configuration value that this mode cannot do without.

        Raises:
            ActionFailed: it is not there.

        """
        if key not in self.configuration:
            raise ActionFailed("InvalidActionConfiguration", f"{key} is required for this ActionMode.")
        return self.configuration[key]

    def parameters(self) -> dict[str, Any]:
        """Return the members of CreateChangeSet, CreateStack and UpdateStack but the names."""
        if not self.template_url:
            self.required("TemplatePath")
        members: dict[str, Any] = {"TemplateURL": self.template_url}
        pairs = self.values.items()
        members["Parameters"] = [{"ParameterKey": name, "ParameterValue": value} for name, value in pairs]
        capabilities = self.configuration.get("Capabilities", "")
        members["Capabilities"] = [each.strip() for each in capabilities.split(",") if each.strip()]
        if self.configuration.get("RoleArn"):
            members["RoleARN"] = self.configuration["RoleArn"]
        if self.tags:
            members["Tags"] = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return members


class _Files:
    """Files in an action's input artifacts, named `artifact::path`."""

    def __init__(self, context: Context, s3: Any, store: Any) -> None:
        self._context = context
        self._s3 = s3
        self._store = store

    def read(self, reference: str) -> bytes:
        name, _, path = reference.partition("::")
        artifact = self._context.input(name)
        data = self._s3.get_object(Bucket=artifact.bucket, Key=artifact.key)["Body"].read()
        found = file_of(data, path)
        if found is None:
            raise ActionFailed("InvalidActionConfiguration", f"There is no file {path} in {name}.")
        return found

    def json(self, reference: str) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(self.read(reference))
        except ValueError as error:
            raise ActionFailed("InvalidActionConfiguration", f"{reference} is not JSON: {error}") from error
        return document

    def published(self, reference: str) -> str:
        """Store a template where CloudFormation reads it: in the artifact store."""
        template = self.read(reference)
        artifact = self._context.new_artifact("template")
        self._store.put_object(Bucket=artifact.bucket, Key=artifact.key, Body=template)
        return f"https://s3.us-east-1.amazonaws.com/{artifact.bucket}/{artifact.key}"

    def value(self, value: Any) -> str:
        if isinstance(value, Mapping):
            return self._function(value)
        return value if isinstance(value, str) else json.dumps(value)

    def _function(self, value: Mapping[str, Any]) -> str:
        name, arguments = next(iter(value.items()))
        if name == "Fn::GetParam":
            artifact, path, key = arguments
            return str(self.json(f"{artifact}::{path}")[key])
        if name == "Fn::GetArtifactAtt":
            located = self._context.input(arguments[0])
            return {"BucketName": located.bucket, "ObjectKey": located.key}[arguments[1]]
        raise ActionFailed("InvalidActionConfiguration", f"ParameterOverrides know no {name}.")
