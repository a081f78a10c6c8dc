"""The stacks of a cloud assembly, those inside of stages included.

Source: https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tidegate_cli.failures import CliError, ExitCode

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_UNKNOWN: Final = "unknown-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A stack as it would be deployed.

    Attributes:
        name: Its name in CloudFormation.
        account: Its account; empty when the app does not say.
        region: Its region; empty when the app does not say.
        template: Its template.
        lookup_role: Role that may read there; empty for the credentials of the caller.
        deploy_role: Role that may make change sets there; empty for the credentials of the caller.
        execution_role: Role that CloudFormation would deploy with; empty for the caller's.
        template_url: Where the CDK would put the template, as `s3://bucket/key`; empty when nowhere.
        tags: Its stack tags.

    """

    name: str
    account: str
    region: str
    template: Mapping[str, Any]
    lookup_role: str = ""
    deploy_role: str = ""
    execution_role: str = ""
    template_url: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def read_assembly(folder: Path) -> tuple[Planned, ...]:
    """Read every stack of an assembly, by name.

    Args:
        folder: `cdk.out`.

    Raises:
        CliError: USAGE when it is no assembly.

    """
    if not (folder / "manifest.json").is_file():
        raise CliError(
            f"{folder} is no cloud assembly (it has no manifest.json): run `cdk synth`, or name another "
            "folder by --app",
            ExitCode.USAGE,
        )
    try:
        found = tuple(_stacks(folder))
    except (OSError, ValueError, KeyError) as error:
        raise CliError(
            f"{folder} is no cloud assembly ({error}): run `cdk synth`, or name another folder by --app",
            ExitCode.USAGE,
        ) from error
    return tuple(sorted(found, key=lambda stack: (stack.name, stack.account, stack.region)))


def _stacks(folder: Path) -> Iterator[Planned]:
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact["type"] == _STACK:
            yield _planned(folder, name, artifact.get("environment", ""), properties)
        elif artifact["type"] == _NESTED:
            yield from _stacks(folder / properties["directoryName"])


def _planned(folder: Path, name: str, environment: str, properties: Mapping[str, Any]) -> Planned:
    account, _, region = environment.removeprefix("aws://").partition("/")
    region = "" if region.startswith(_UNKNOWN) else region
    account = "" if account.startswith(_UNKNOWN) else account

    def filled(value: Any) -> str:
        return _filled(str(value or ""), account=account, region=region)

    return Planned(
        name=properties.get("stackName", name),
        account=account,
        region=region,
        template=json.loads((folder / properties["templateFile"]).read_text()),
        lookup_role=filled(properties.get("lookupRole", {}).get("arn")),
        deploy_role=filled(properties.get("assumeRoleArn")),
        execution_role=filled(properties.get("cloudFormationExecutionRoleArn")),
        template_url=filled(properties.get("stackTemplateAssetObjectUrl")),
        tags=properties.get("tags", {}),
    )


def _filled(text: str, *, account: str, region: str) -> str:
    """Return an ARN or address with the placeholders of the CDK filled in."""
    partition = (
        "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    )
    known = {"AWS::Partition": partition, "AWS::AccountId": account, "AWS::Region": region}
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", value)
    return text
