"""Acknowledge what scanners find, each finding by itself, on its own construct, with its reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from constructs import Construct, IConstruct

from tidegate._finding_reasons import (
    BELOW,
    CHECKOV,
    LOG_OF_A_LOG,
    OBJECTS,
    QUEUE_WITHOUT_QUEUE,
    ROLE_NAMED_TWICE,
    WILDCARDS,
)

_CFN_LINT_ID: Final = re.compile(r"[EWI]\d{4}")
# Asking a resource for its type, or for what it waits for, is a call to Node.js: its class tells too.
_RUN_AS_A_ROLE: Final = frozenset({"CfnModel", "CfnEndpointConfig"})
_NAG: Final = "AwsSolutions::AwsSolutions-"


class Findings:
    """Findings of cdk-nag, SageMakerChecks, checkov and cfn-lint that stay.

    Nothing here changes what is deployed: an acknowledgement is metadata, which the scanners read. Each of
    them stays in their reports, with its reason.

    Example:
        Findings.acknowledge(
            model,
            "SageMakerChecks::SageMaker.5",
            "CKV_AWS_370",
            reason="the container reads a feature store",
        )
        Findings.acknowledge_known(stack)

    """

    @staticmethod
    def acknowledge(construct: IConstruct, *ids: str, reason: str) -> None:
        """Acknowledge findings of one resource.

        Args:
            construct: The resource, or a construct whose main child is the resource.
            ids: What the scanners call the findings: `CKV_AWS_18`, `W3005`, or with the plugin's name
                `AwsSolutions::AwsSolutions-S1`.
            reason: Why they stay.

        Raises:
            ValueError: when the reason is empty, an id has none of these forms, or there is no resource.

        """
        if not reason.strip():
            raise ValueError(f"an acknowledgement needs a reason, got none for {', '.join(ids)}")
        strange = [one for one in ids if _scanner(one) is None]
        if strange:
            raise ValueError(f"a finding must look like CKV_AWS_18, W3005 or Plugin::Rule, got {strange}")
        _record(_resource(construct), dict.fromkeys(ids, reason))

    @staticmethod
    def acknowledge_known(scope: IConstruct, *, imported: Sequence[str] = ()) -> None:
        """Acknowledge what the library's own constructs below `scope` are known for.

        Call it last: what is defined later is not seen. Your own constructs are left alone.

        Args:
            scope: An app, a stack or a construct.
            imported: ARNs of buckets of another stack, as tokens of that stack's exports.

        """
        own: dict[Stack, list[CfnResource]] = {}
        for stack, construct in _own(scope, scope if isinstance(scope, Stack) else None):
            own.setdefault(stack, []).extend(_resources_below(construct))
        for stack, resources in own.items():
            exports = [stack.resolve(arn)["Fn::ImportValue"] for arn in imported]
            documents = _documents(stack, resources)
            roles = f"{stack.node.path}/"
            for index, resource in enumerate(resources):
                known = _known(resource, documents.get(index), roles=roles, exports=exports)
                _record(resource, known)


def _own(scope: IConstruct, stack: Stack | None) -> Iterator[tuple[Stack, IConstruct]]:
    """Yield the outermost constructs of this library, each with its stack."""
    if type(scope).__module__.startswith("tidegate."):
        yield stack or Stack.of(scope), scope
    elif not _is_resource(scope):
        for child in scope.node.children:
            yield from _own(child, child if isinstance(child, Stack) else stack)


def _is_resource(construct: IConstruct) -> bool:
    # By name: the first isinstance of each class takes as long as a call to Node.js.
    return type(construct).__name__.startswith("Cfn")


def _resources_below(construct: IConstruct) -> Iterator[CfnResource]:
    return (cast(CfnResource, one) for one in construct.node.find_all() if _is_resource(one))


def _documents(stack: Stack, resources: Sequence[CfnResource]) -> Mapping[int, Mapping[str, Any]]:
    """Return the documents of the managed policies by their index, all resolved by one call to Node.js."""
    found = {
        index: getattr(resource, "policy_document")  # noqa: B009, not on every CfnResource
        for index, resource in enumerate(resources)
        if type(resource).__name__ == "CfnManagedPolicy"
    }
    return dict(zip(found, stack.resolve([*found.values()]), strict=True))


def _resource(construct: IConstruct) -> CfnResource:
    found = construct if isinstance(construct, CfnResource) else construct.node.default_child
    # An L2 construct of the CDK within one of ours is the main child of that.
    if isinstance(found, Construct) and not isinstance(found, CfnResource):
        found = found.node.default_child
    if not isinstance(found, CfnResource):
        raise ValueError(f"{construct.node.path} has no resource of its own: acknowledge it on the resource")
    return found


def _known(
    resource: CfnResource, document: Mapping[str, Any] | None, *, roles: str, exports: Sequence[str]
) -> dict[str, str]:
    """Return what is known to be found on a resource of the library, each with its reason."""
    kind = type(resource).__name__
    found = dict(CHECKOV.get(kind, {}))
    if document is not None:
        found |= _wildcards(document, exports)
    elif kind == "CfnFunction" and getattr(resource, "dead_letter_config") is not None:  # noqa: B009
        del found["CKV_AWS_116"]
    elif kind == "CfnQueue":
        found[f"{_NAG}SQS3"] = QUEUE_WITHOUT_QUEUE
    elif kind == "CfnBucket" and resource.node.path.endswith("/AccessLogs/Resource"):
        found["CKV_AWS_18"] = LOG_OF_A_LOG
    if kind in _RUN_AS_A_ROLE and any(_is_role(one, below=roles) for one in resource.node.dependencies):
        found["W3005"] = ROLE_NAMED_TWICE
    return found


def _is_role(construct: IConstruct, *, below: str) -> bool:
    node = construct.node
    main = construct if type(construct).__name__ == "CfnRole" else node.default_child
    # Of another stack's role the template names nothing.
    return type(main).__name__ == "CfnRole" and node.path.startswith(below)


def _wildcards(document: Mapping[str, Any], exports: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for resource in sorted(set(_resources(document))):
        reason = next((why for kind, why in WILDCARDS.items() if re.fullmatch(kind, resource)), None)
        if reason is None:
            continue
        # cdk-nag sees either name, depending on whether references across stacks are resolved yet.
        below = resource.partition(">")[2] if reason in (OBJECTS, BELOW) else ""
        seen = [resource, *(f"{name}{below}" for name in exports if below)]
        found |= {f"{_NAG}IAM5[Resource::{one}]": reason for one in seen}
    return found


def _resources(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        found = statement["Resource"]
        yield from map(_flat, found if isinstance(found, list) else [found])


def _flat(value: Any) -> str:
    """Return the resource as cdk-nag spells it: references in angle brackets."""
    if isinstance(value, str):
        return value
    (function, arguments), *_ = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(_flat, arguments[1]))
    return f"<{'.'.join(arguments) if isinstance(arguments, list) else arguments}>"


def _scanner(finding: str) -> str | None:
    """Return which scanner calls a finding so; None when none does."""
    if "::" in finding:
        return "cdk"
    if finding.startswith("CKV"):
        return "checkov"
    return "cfn-lint" if _CFN_LINT_ID.fullmatch(finding) else None


def _record(resource: CfnResource, reasons: Mapping[str, str]) -> None:
    """Write the reasons where each scanner reads them; one call to Node.js for each scanner."""
    by = {
        name: {one: why for one, why in reasons.items() if _scanner(one) == name}
        for name in ("cdk", "checkov", "cfn-lint")
    }
    if by["cdk"]:
        Validations.of(resource).acknowledge(
            *(Acknowledgment(id=one, reason=why) for one, why in by["cdk"].items())
        )
    if by["checkov"]:
        skips = [{"id": one, "comment": why} for one, why in by["checkov"].items()]
        known = (resource.get_metadata("checkov") or {}).get("skip", [])
        resource.add_metadata("checkov", {"skip": [*known, *skips]})
    if by["cfn-lint"]:
        known = {**(resource.get_metadata("cfn-lint") or {}).get("reasons", {}), **by["cfn-lint"]}
        resource.add_metadata("cfn-lint", {"config": {"ignore_checks": [*known]}, "reasons": known})
