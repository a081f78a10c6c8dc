"""The CloudFormation form of a model's containers, their record, and what their role needs."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnTag
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from tidegate.model_artifact import ArtifactKind
from tidegate.model_container import ModelContainer

_VERSION_TAG: Final = "tidegate:artifact-version"
_DIGEST_TAG: Final = "tidegate:image-digest"
_Model = sagemaker.CfnModel


def container_definition(container: ModelContainer) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    """Return one container."""
    artifact = container.artifact
    listed = artifact is not None and not artifact.uncompressed
    many = container.multi_model
    return _Model.ContainerDefinitionProperty(
        image=container.image.uri,
        container_hostname=container.hostname,
        environment=dict(container.environment) or None,
        mode="MultiModel" if many else None,
        multi_model_config=None if not many else _cache(enabled=container.cached),
        model_data_url=artifact.uri if artifact is not None and listed else None,
        model_data_source=None if artifact is None or listed else _source(artifact.uri, artifact.kind),
    )


def _cache(*, enabled: bool) -> sagemaker.CfnModel.MultiModelConfigProperty:
    return _Model.MultiModelConfigProperty(model_cache_setting="Enabled" if enabled else "Disabled")


def _source(uri: str, kind: ArtifactKind) -> sagemaker.CfnModel.ModelDataSourceProperty:
    return _Model.ModelDataSourceProperty(
        s3_data_source=_Model.S3DataSourceProperty(
            compression_type="None",
            s3_data_type="S3Prefix" if kind is ArtifactKind.FOLDER else "S3Object",
            s3_uri=uri,
        )
    )


def record_tags(containers: Sequence[ModelContainer]) -> list[CfnTag]:
    """Return tags with the S3 version and the digest of each container, numbered when there are several."""
    tags = []
    for number, container in enumerate(containers, start=1):
        ending = "" if len(containers) == 1 else f":{number}"
        version = container.artifact.version_id if container.artifact is not None else None
        for key, value in ((_VERSION_TAG, version), (_DIGEST_TAG, container.image.digest)):
            if value is not None:
                tags.append(CfnTag(key=f"{key}{ending}", value=value))
    return tags


def role_statements(containers: Sequence[ModelContainer]) -> list[iam.PolicyStatement]:
    """Return what the role needs of all containers, each permission once."""
    found: dict[str, iam.PolicyStatement] = {}
    for container in containers:
        for statement in container.statements():
            key = str((statement.actions, statement.resources, statement.conditions))
            # Ids of statements must differ within one policy; the actions say enough.
            found.setdefault(key, _without_id(statement))
    return list(found.values())


def _without_id(statement: iam.PolicyStatement) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=statement.actions, resources=statement.resources, conditions=statement.conditions
    )


def declared_containers(containers: Sequence[ModelContainer]) -> list[object]:
    """Return what makes one model differ from another."""
    return [
        [
            container.image.uri,
            container.hostname,
            dict(container.environment),
            container.cached,
            None
            if container.artifact is None
            else [container.artifact.uri, container.artifact.kind.value, container.artifact.version_id],
        ]
        for container in containers
    ]
