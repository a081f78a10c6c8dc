"""What differs between the deployed template and the planned one, property by property."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

ADD: Final = "add"
REMOVE: Final = "remove"
MODIFY: Final = "modify"

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_RESOURCES: Final = "Resources"
_ATTRIBUTES: Final = ("Type", "DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Condition")
_NOISE: Final = ("AWS::CDK::Metadata",)
_MISSING: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place below an element: where, and both values as they stand in the templates (None: not there)."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An element of the template that differs.

    Attributes:
        section: For example `Resources`.
        logical_id: Its id in the template.
        kind: Type of a resource, the deployed one where that changes; empty elsewhere.
        action: `add`, `remove` or `modify`.
        differences: Where it differs; empty for what is added or removed.
        retained: Whether the deployed template keeps the resource when it is removed.

    """

    section: str
    logical_id: str
    kind: str = ""
    action: str
    differences: tuple[Difference, ...] = ()
    retained: bool = False

    @property
    def properties(self) -> frozenset[str]:
        """Names of the resource's properties that differ."""
        paths = (difference.path for difference in self.differences)
        return frozenset(path.split(".")[1].split("[")[0] for path in paths if path.startswith("Properties."))

    @property
    def changes_type(self) -> bool:
        """Whether the resource becomes one of another type."""
        return any(difference.path == "Type" for difference in self.differences)


def compare(deployed: Mapping[str, Any], planned: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare two templates; metadata is left out, since it is deployed to nothing."""
    return tuple(change for section in _SECTIONS for change in _section(section, deployed, planned))


def _section(section: str, deployed: Mapping[str, Any], planned: Mapping[str, Any]) -> Iterator[Change]:
    before, after = deployed.get(section) or {}, planned.get(section) or {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        change = _change(section, name, old, new)
        if change is not None and change.kind not in _NOISE:
            yield change


def _change(section: str, name: str, old: Any, new: Any) -> Change | None:
    if old is None or new is None:
        there = new if old is None else old
        return Change(
            section=section,
            logical_id=name,
            kind=_kind(section, there),
            action=ADD if old is None else REMOVE,
            retained=section == _RESOURCES and str(there.get("DeletionPolicy", "")).startswith("Retain"),
        )
    differences = tuple(_of_resource(old, new) if section == _RESOURCES else _walk("", old, new))
    if not differences:
        return None
    return Change(
        section=section,
        logical_id=name,
        kind=_kind(section, old),
        action=MODIFY,
        differences=differences,
    )


def _kind(section: str, element: Any) -> str:
    return str(element.get("Type", "")) if section == _RESOURCES else ""


def _of_resource(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for attribute in _ATTRIBUTES:
        yield from _walk(attribute, old.get(attribute, _MISSING), new.get(attribute, _MISSING))
    yield from _walk("Properties", old.get("Properties") or {}, new.get("Properties") or {})


def _walk(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if _is_plain(old) and _is_plain(new):
        for key in sorted(old.keys() | new.keys()):
            below = f"{path}.{key}" if path else str(key)
            yield from _walk(below, old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _walk(f"{path}[{index}]", one, other)
    else:
        yield Difference(path=path, before=_shown(old), after=_shown(new))


def _is_plain(value: Any) -> bool:
    """Tell whether a value is an object to look into, and no call of an intrinsic function."""
    if not isinstance(value, Mapping):
        return False
    return not (
        (len(value) == 1 and next(iter(value)) == "Ref") or any(str(k).startswith("Fn::") for k in value)
    )


def _shown(value: Any) -> Any:
    return None if value is _MISSING else value
