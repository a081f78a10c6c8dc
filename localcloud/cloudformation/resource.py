"""What a resource type is to a stack engine, and the kind of type that one API call creates."""

import secrets
import string
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from localcloud.cloudformation.properties import known_properties, to_request
from localcloud.errors import AwsError

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, Any]]
# SageMaker says ValidationException, "Could not find ...", for most of its resources.
_MISSING_CODES = frozenset({"ObjectNotFoundException", "ResourceNotFound", "ResourceNotFoundException"})
_SUFFIX_LENGTH = 12
_LONGEST_NAME = 63


class Call(Protocol):
    """Make one API call inside the local cloud; raises `localcloud.errors.AwsError`."""

    def __call__(self, service: str, operation: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the parsed response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A CloudFormation resource type.

    Attributes:
        name: for example `AWS::SageMaker::Model`.
        create: (logical id, properties, stack name) -> (value of Ref, values of Fn::GetAtt).
        update: (value of Ref, old properties, new properties, stack name) -> the same as create.
        delete: (value of Ref, properties); deleting what is gone succeeds.
        create_only: properties whose change replaces the resource.
        name_property: property that fixes the physical name, None when there is none.

    """

    name: str
    create: Callable[[str, Properties, str], Created]
    update: Callable[[str, Properties, Properties, str], Created]
    delete: Callable[[str, Properties], None]
    create_only: frozenset[str]
    name_property: str | None


class Changes(Protocol):
    """What creates, updates and deletes resources of a type; see `ResourceType`."""

    def create(self, logical_id: str, properties: Properties, stack_name: str, /) -> Created:
        """Create a resource."""

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str, /) -> Created:
        """Update a resource."""

    def delete(self, physical_id: str, properties: Properties, /) -> None:
        """Delete a resource."""


def changed_in_place(name: str, changes: Changes, *, but: str) -> ResourceType:
    """Return a type whose resources change in place, but for their name.

    Args:
        name: of the type.
        changes: what carries changes out.
        but: property with the resource's name.

    """
    return ResourceType(
        name=name,
        create=changes.create,
        update=changes.update,
        delete=changes.delete,
        create_only=frozenset({but}),
        name_property=but,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A type whose properties are the members of one API request.

    Attributes:
        type_name: CloudFormation's name of the type.
        service: botocore's name of the service.
        put: operation that creates it, and updates it when `puts_again` is set.
        remove: operation that deletes it.
        key: request member, and property, with its name.
        arn: response member with its ARN.
        in_place: properties that change without replacement.
        puts_again: whether `put` also updates.

    """

    type_name: str
    service: str
    put: str
    remove: str
    key: str
    arn: str
    in_place: frozenset[str] = frozenset({"Tags"})
    puts_again: bool = False


class SpecifiedResource:
    """Create, update and delete resources as their `Spec` says. `Ref` is the ARN, as for all SageMaker types.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html
    """

    def __init__(self, call: Call, spec: Spec) -> None:
        self._call = call
        self._spec = spec
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        spec = self._spec
        return ResourceType(
            name=spec.type_name,
            create=self.create,
            update=self.update,
            delete=self.delete,
            create_only=known_properties(spec.service, spec.put) - spec.in_place,
            name_property=spec.key,
        )

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the resource under the name in its properties, or under a new one."""
        spec = self._spec
        request = to_request(spec.service, spec.put, properties)
        name = request.setdefault(spec.key, generated_name(stack_name, logical_id))
        arn = str(self._call(spec.service, spec.put, request)[spec.arn])
        with self._lock:
            self._names[arn] = name
        return arn, {spec.key: name, spec.arn: arn}

    def update(self, physical_id: str, old: Properties, new: Properties, _stack_name: str) -> Created:
        """Change tags; any other change was a replacement."""
        to_request(self._spec.service, self._spec.put, new)
        update_tags(self._call, physical_id, old.get("Tags") or [], new.get("Tags") or [])
        name = self.name_of(physical_id)
        return physical_id, {self._spec.key: name, self._spec.arn: physical_id}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the resource; one that is gone already is fine."""
        request = {self._spec.key: self.name_of(physical_id)}
        ignore_missing(lambda: self._call(self._spec.service, self._spec.remove, request))

    def name_of(self, arn: str) -> str:
        """Return the name behind an ARN; ARNs of SageMaker are lower case, names need not be."""
        with self._lock:
            return self._names.get(arn, arn.rpartition("/")[2])


def generated_name(stack_name: str, logical_id: str, *, with_stack: bool = False) -> str:
    """Return a new physical name as CloudFormation makes them: logical id and twelve random characters.

    Args:
        stack_name: used when `with_stack` is set.
        logical_id: logical id of the resource.
        with_stack: begin the name with the stack's name.

    """
    alphabet = string.ascii_letters + string.digits
    suffix = "".join(secrets.choice(alphabet) for _ in range(_SUFFIX_LENGTH))
    stem = f"{stack_name}-{logical_id}" if with_stack else logical_id
    return f"{stem[: _LONGEST_NAME - _SUFFIX_LENGTH - 1]}-{suffix}"


def ignore_missing(delete: Callable[[], object]) -> None:
    """Run a deletion and accept the refusals that say there is nothing to delete.

    Raises:
        AwsError: any other refusal.

    """
    try:
        delete()
    except AwsError as error:
        if error.code not in _MISSING_CODES and "could not find" not in error.message.lower():
            raise


def update_tags(call: Call, arn: str, old: list[Any], new: list[Any]) -> None:
    """Turn one list of SageMaker tags into another.

    Args:
        call: how to reach SageMaker.
        arn: the tagged resource.
        old: tags it has.
        new: tags it is to have.

    """
    gone = sorted({tag["Key"] for tag in old} - {tag["Key"] for tag in new})
    if gone:
        call("sagemaker", "DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
    added = [tag for tag in new if tag not in old]
    if added:
        call("sagemaker", "AddTags", {"ResourceArn": arn, "Tags": added})
