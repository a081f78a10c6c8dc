"""The environment variables of a build.

Sources: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html and
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from localcloud.clients import Clients
from localcloud.codebuild.build import Build
from localcloud.codebuild.buildspec import Buildspec
from localcloud.codebuild.project import build_arn, project_arn

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_]")


def variables(
    build: Build, spec: Buildspec, clients: Clients, folder: Path, sources: Mapping[str, Path]
) -> dict[str, str]:
    """Return what a build's shell gets beside the image's variables; nothing of the host but the locale.

    Args:
        build: the build.
        spec: its buildspec.
        clients: reaches SSM and Secrets Manager, with the project's role.
        folder: the build's own folder.
        sources: folder of each source by name, the primary's under "".

    """
    return {
        **{name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ},
        "HOME": str(folder / "home"),
        "CDK_HOME": str(folder / "home" / ".cdk"),
        "TMPDIR": str(folder / "tmp"),
        **_aws(build, clients),
        **_codebuild(build, sources),
        **spec.variables,
        **_fetched(spec.parameters, _parameter(build, clients)),
        **_fetched(spec.secrets, _secret(build, clients)),
        **_declared(build, clients),
    }


def _aws(build: Build, clients: Clients) -> dict[str, str]:
    return {
        **clients.variables(build.project.role_arn, f"AWSCodeBuild-{build.stream[-36:]}"),
        "AWS_ENDPOINT_URL": clients.endpoint_url,
        "AWS_REGION": clients.region,
        "AWS_DEFAULT_REGION": clients.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _codebuild(build: Build, sources: Mapping[str, Path]) -> dict[str, str]:
    found = {
        "CODEBUILD_BUILD_ARN": build_arn(build.id),
        "CODEBUILD_BUILD_ID": build.id,
        "CODEBUILD_BUILD_IMAGE": str(build.project.members["environment"]["image"]),
        "CODEBUILD_BUILD_NUMBER": str(build.number),
        "CODEBUILD_INITIATOR": str(build.describe()["initiator"]),
        "CODEBUILD_KMS_KEY_ID": str(build.project.members.get("encryptionKey", "alias/aws/s3")),
        "CODEBUILD_LOG_PATH": build.stream,
        "CODEBUILD_PROJECT_ARN": project_arn(build.project.name),
        "CODEBUILD_START_TIME": str(int(build.began * 1000)),
    }
    if build.source_version:
        found["CODEBUILD_RESOLVED_SOURCE_VERSION"] = found["CODEBUILD_SOURCE_VERSION"] = build.source_version
    for name, path in sources.items():
        suffix = f"_{_NOT_IN_NAMES.sub('_', name)}" if name else ""
        found[f"CODEBUILD_SRC_DIR{suffix}"] = str(path)
    return found


def _declared(build: Build, clients: Clients) -> dict[str, str]:
    kinds: dict[str, Callable[[str], str]] = {
        "PLAINTEXT": lambda value: value,
        "PARAMETER_STORE": _parameter(build, clients),
        "SECRETS_MANAGER": _secret(build, clients),
    }
    return {
        name: kinds[each.get("type", "PLAINTEXT")](each["value"]) for name, each in build.variables().items()
    }


def _fetched(references: Mapping[str, str], fetch: Callable[[str], str]) -> dict[str, str]:
    return {name: fetch(reference) for name, reference in references.items()}


def _parameter(build: Build, clients: Clients) -> Callable[[str], str]:
    def fetch(name: str) -> str:
        ssm = clients.of("ssm", build.project.role_arn, "AWSCodeBuild")
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])

    return fetch


def _secret(build: Build, clients: Clients) -> Callable[[str], str]:
    """Return what reads `secret-id:json-key:version-stage:version-id`."""

    def fetch(reference: str) -> str:
        start = reference.startswith("arn:")
        parts = reference.split(":")
        name, rest = (":".join(parts[:7]), parts[7:]) if start else (parts[0], parts[1:])
        key, stage, version = (*rest, "", "", "")[:3]
        which: dict[str, Any] = {"SecretId": name}
        which |= {"VersionStage": stage} if stage else {}
        which |= {"VersionId": version} if version else {}
        client = clients.of("secretsmanager", build.project.role_arn, "AWSCodeBuild")
        text = str(client.get_secret_value(**which)["SecretString"])
        return str(json.loads(text)[key]) if key else text

    return fetch
