"""A faulty value of a file as a model: what is right of it, for the rules about several values.

Pydantic runs the rules of a model only where each of its fields is right. Here they run over the right ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from types import SimpleNamespace
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from stacks.pydantic_faults import causes, faulty_places
from stacks.unknown import Unknown, unknown

M = TypeVar("M", bound=BaseModel)
At = tuple[str | int, ...]


def partly(kind: type[M], raw: object, error: ValidationError) -> tuple[M, list[ErrorDetails]]:
    """Return a faulty value as far as it is right, and all of its faults.

    Args:
        kind: The model.
        raw: The value.
        error: What pydantic found.

    Returns:
        The value, whose faulty parts raise `Unknown` when they are asked for; and what pydantic found, with
        what is found by the rules that it has left out.

    """
    details = error.errors(include_url=False)
    faulty = {place for one in details for place in faulty_places(one, kind)}
    around = {one["loc"][:length] for one in details for length in range(len(one["loc"]))}
    reading = _Reading(faulty=faulty, left_out=around)
    value = reading.value(kind, raw, ())
    # That a part lacks something follows, where something of it is not known by its name.
    holes = {one["loc"][:-1] for one in details if one["type"] == "extra_forbidden"}
    more = [one for one in reading.found if not holes.issuperset(faulty_places(one, BaseModel))]
    return value, [*causes(details, kind), *more]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A way through a value, from the inside to the outside.

    Attributes:
        faulty: Places whose values are not known, also by what is found on the way.
        left_out: Places whose rules pydantic has left out: around those that it refuses.
        found: What these rules find.

    """

    faulty: set[At]
    left_out: set[At] = field(default_factory=set)
    found: list[ErrorDetails] = field(default_factory=list)

    def value(self, annotation: Any, raw: Any, at: At) -> Any:
        """Return what is right of a value."""
        if at in self.faulty:
            return unknown()
        if not any(place[: len(at)] == at for place in self.faulty):
            return TypeAdapter(annotation).validate_python(raw)
        kind = _bare(annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(raw, Mapping):
            return self._model(kind, raw, at)
        if get_origin(kind) is tuple and isinstance(raw, list):
            (item, *_) = get_args(kind)
            return tuple(self.value(item, one, (*at, number)) for number, one in enumerate(raw))
        # Of a mapping with a faulty key it is not known what it has.
        if get_origin(kind) is dict and not any((*at, key, "[key]") in self.faulty for key in raw):
            _, item = get_args(kind)
            return {key: self.value(item, one, (*at, key)) for key, one in raw.items()}
        return unknown()

    def _model(self, kind: type[BaseModel], raw: Mapping[str, Any], at: At) -> Any:
        keys = {name: info.alias or name for name, info in kind.model_fields.items()}
        right: dict[str, Any] = {}
        for name, info in kind.model_fields.items():
            place = (*at, keys[name])
            if place in self.faulty:
                continue
            if keys[name] in raw:
                right[name] = self._field(kind, name, raw[keys[name]], place, right)
            else:
                right[name] = info.get_default(call_default_factory=True, validated_data={})
        given = {name for name, key in keys.items() if key in raw or (*at, key) in self.faulty}
        part = _built(kind, right, given)
        rules = [getattr(part, name) for name in kind.__pydantic_decorators__.model_validators]
        return self._again(kind, raw, at) if self._find(at, raw, rules) else part

    def _field(
        self, kind: type[BaseModel], name: str, raw: object, at: At, before: Mapping[str, object]
    ) -> Any:
        annotation = _whole(kind.model_fields[name])
        value = self.value(annotation, raw, at)
        found = self._find(at, raw, _field_rules(kind, name, value, before))
        return self._again(annotation, raw, at) if found else value

    def _again(self, annotation: Any, raw: Any, at: At) -> Any:
        """Return what is right of a value now that its rules have found more."""
        return _Reading(faulty=self.faulty).value(annotation, raw, at)

    def _find(self, at: At, raw: object, rules: Iterable[Callable[[], object]]) -> bool:
        """Run the rules of a place if pydantic has left them out, and tell whether they find anything."""
        found = [_fault(at, raw, rule) for rule in rules] if at in self.left_out else []
        told = [details for details in found if details is not None]
        self.found.extend(told)
        self.faulty.update(place for one in told for place in faulty_places(one, BaseModel))
        return bool(told)


def _fault(at: At, raw: object, rule: Callable[[], object]) -> ErrorDetails | None:
    try:
        rule()
    except Unknown:
        return None
    except PydanticCustomError as error:
        fault = InitErrorDetails(type=error, loc=at, input=raw)
    except ValueError as error:
        fault = InitErrorDetails(type="value_error", loc=at, input=raw, ctx={"error": error})
    else:
        return None
    return ValidationError.from_exception_data("", [fault]).errors(include_url=False)[0]


def _field_rules(
    kind: type[BaseModel], name: str, value: object, before: Mapping[str, object]
) -> Iterator[Callable[[], object]]:
    """Yield the rules of a field, which see the fields before it."""
    info = SimpleNamespace(data=dict(before))
    for rule, one in kind.__pydantic_decorators__.field_validators.items():
        if name in one.info.fields and one.info.mode == "after":
            check = getattr(kind, rule)
            yield partial(check, *(value, info)[: len(signature(check).parameters)])


def _whole(info: FieldInfo) -> Any:
    """Return the annotation of a field with its conditions."""
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _bare(annotation: Any) -> Any:
    """Return an annotation without its conditions, and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if type(None) in get_args(annotation):
        return _bare(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _built(kind: type[M], right: Mapping[str, object], given: set[str]) -> M:
    """Return a model of the right fields; `Part` says what happens when another one is asked for."""
    part = kind.model_construct(given)
    part.__dict__.clear()
    part.__dict__.update(right)
    return part
