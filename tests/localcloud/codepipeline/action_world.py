"""One action at a time, with fakes of the services that it uses."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from localcloud.artifact import Artifact, zipped
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.definition import Action, Definition
from localcloud.codepipeline.execution import ActionRun, Execution
from localcloud.codepipeline.pipeline import Pipeline
from tests.localcloud.codepipeline.pipeline_world import action, pipeline


def refused(message: str, code: str = "ValidationError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "AnyOperation")


class FakeS3:
    """Objects by bucket and key, each with all its versions."""

    def __init__(self) -> None:
        self.versions: dict[tuple[str, str], list[bytes]] = {}
        self.metadata: dict[str, str] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_more: Any) -> dict[str, Any]:
        self.versions.setdefault((Bucket, Key), []).append(Body)
        return {}

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, Any]:
        found = self.versions.get((Bucket, Key))
        if found is None:
            raise refused("The specified key does not exist.", "NoSuchKey")
        version = int(VersionId) if VersionId else len(found)
        return {
            "Body": io.BytesIO(found[version - 1]),
            "VersionId": str(version),
            "ETag": '"e"',
            "Metadata": self.metadata,
        }

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return self.get_object(Bucket=Bucket, Key=Key)


class FakeClients:
    """Hands out fakes by service, whoever asks; remembers the roles."""

    endpoint_url = "http://127.0.0.1:9"
    region = "us-east-1"

    def __init__(self, **services: Any) -> None:
        self.services = services
        self.roles: list[tuple[str, str]] = []

    def of(self, service: str, role_arn: str, _session: str) -> Any:
        self.roles.append((service, role_arn))
        return self.services[service]

    def variables(self, role_arn: str, _session: str) -> Mapping[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": f"key of {role_arn}",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        }


def context_of(
    kind: str,
    configuration: Mapping[str, str],
    *,
    inputs: Mapping[str, Mapping[str, bytes]] | None = None,
    outputs: tuple[str, ...] = (),
    s3: FakeS3 | None = None,
    revisions: Mapping[str, str] | None = None,
) -> Context:
    """The context of one action; the files of its inputs are put into S3."""
    declaration = action(kind, configuration=dict(configuration))
    declaration["outputArtifacts"] = [{"name": name} for name in outputs]
    definition = Definition.parse(pipeline([declaration]), 1)
    execution = Execution(
        definition=definition,
        started_at=0.0,
        changed_at=0.0,
        trigger_type="StartPipelineExecution",
        trigger_detail="",
        variables={},
        revisions=dict(revisions or {}),
        last=1,
    )
    run = ActionRun(action=Action.parse(declaration), started_at=0.0, changed_at=0.0)
    given = []
    for name, files in (inputs or {}).items():
        given.append(Artifact(name=name, bucket="artifacts", key=f"in/{name}"))
        assert s3 is not None
        s3.put_object(Bucket="artifacts", Key=f"in/{name}", Body=zipped(files))
    run.inputs = tuple(given)
    return Context(
        pipeline=Pipeline(definition=definition, created_at=0.0, updated_at=0.0),
        execution=execution,
        stage="S1",
        run=run,
        configuration=configuration,
        role_arn="arn:aws:iam::000000000000:role/action",
    )


Answer = Callable[..., Any]
