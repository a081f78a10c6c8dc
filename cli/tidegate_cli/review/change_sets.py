"""Ask CloudFormation itself what a deploy would replace: make a change set, read it, delete it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tidegate_cli.failures import CliError
from tidegate_cli.review.access import Access
from tidegate_cli.review.assembly import Planned

_LARGEST_BODY: Final = 51_200
_WAIT_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 1.0
_NO_CHANGES: Final = ("The submitted information didn't contain changes", "No updates are to be performed")
_CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What CloudFormation says about a resource that it would change.

    Attributes:
        kind: Type of the resource.
        certain: True for `Replacement: True`, False for `Conditional`.
        causes: Names of the properties, and attributes, that make it necessary.

    """

    kind: str
    certain: bool
    causes: tuple[str, ...]


def replacements(access: Access, planned: Planned, deployed: Mapping[str, Any]) -> Mapping[str, Replacement]:
    """Return what would be replaced, by logical id.

    Args:
        access: Clients.
        planned: The stack as it would be deployed.
        deployed: The template that is deployed.

    Raises:
        ClientError: CloudFormation refuses the change set.
        CliError: the change set fails, or is not made in time.

    """
    client, name = access.changing(planned), f"tidegate-review-{uuid.uuid4().hex[:12]}"
    client.create_change_set(
        StackName=planned.name,
        ChangeSetName=name,
        ChangeSetType="UPDATE",
        Description="made by tidegate review, read and deleted again",
        Capabilities=list(_CAPABILITIES),
        Parameters=list(_parameters(planned.template, deployed)),
        Tags=[{"Key": key, "Value": value} for key, value in planned.tags.items()],
        **({"RoleARN": planned.execution_role} if planned.execution_role else {}),
        **_template(access, planned),
    )
    try:
        return dict(_replaced(_changes(client, planned, name)))
    finally:
        client.delete_change_set(StackName=planned.name, ChangeSetName=name)


def _parameters(template: Mapping[str, Any], deployed: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters that keep their value: those that both templates have."""
    known = deployed.get("Parameters") or {}
    for name in template.get("Parameters") or {}:
        if name in known:
            yield {"ParameterKey": name, "UsePreviousValue": True}


def _template(access: Access, planned: Planned) -> dict[str, str]:
    body = json.dumps(planned.template, separators=(",", ":")).encode()
    if len(body) <= _LARGEST_BODY:
        return {"TemplateBody": body.decode()}
    if not planned.template_url:
        raise CliError(
            f"the template of {planned.name} has {len(body):,} bytes, a request takes {_LARGEST_BODY:,}, and "
            "the app names no place to put it: use --read-only"
        )
    # Where the CDK would put it, under the same name: a hash of what is in it.
    place, s3 = urlsplit(planned.template_url), access.changing(planned, "s3")
    bucket, key = place.netloc, place.path.lstrip("/")
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(planned.template).encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def _changes(client: Any, planned: Planned, name: str) -> Sequence[Any]:
    deadline = time.monotonic() + _WAIT_SECONDS
    where = {"StackName": planned.name, "ChangeSetName": name}
    while True:
        described = client.describe_change_set(**where)
        status, reason = described["Status"], described.get("StatusReason", "")
        if status == "FAILED" and reason.startswith(_NO_CHANGES):
            return []
        if status == "FAILED":
            raise CliError(f"CloudFormation cannot make a change set of {planned.name}: {reason}")
        if status == "CREATE_COMPLETE":
            return list(_pages(client, where, described))
        if time.monotonic() > deadline:
            raise CliError(f"the change set of {planned.name} is {status} after {_WAIT_SECONDS:.0f} s")
        time.sleep(_POLL_SECONDS)


def _pages(client: Any, where: Mapping[str, str], first: Any) -> Iterator[Any]:
    page = first
    while True:
        yield from (change["ResourceChange"] for change in page["Changes"] if "ResourceChange" in change)
        if not page.get("NextToken"):
            return
        page = client.describe_change_set(**where, NextToken=page["NextToken"])


def _replaced(changes: Sequence[Any]) -> Iterator[tuple[str, Replacement]]:
    for change in changes:
        said = change.get("Replacement", "False")
        if said != "False":
            causes = tuple(sorted(set(_causes(change))))
            found = Replacement(kind=change["ResourceType"], certain=said == "True", causes=causes)
            yield change["LogicalResourceId"], found


def _causes(change: Any) -> Iterator[str]:
    for detail in change.get("Details", []):
        target = detail.get("Target", {})
        if target.get("RequiresRecreation", "Never") != "Never":
            yield str(target.get("Name") or target.get("Attribute"))


def is_denied(error: ClientError) -> bool:
    """Tell whether a change set was refused for want of rights."""
    return str(error.response.get("Error", {}).get("Code", "")).startswith("AccessDenied")
