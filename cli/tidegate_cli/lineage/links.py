"""The way back as a tree: each thing, what is known of it, and what it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One thing on the way back, or the place where one should be.

    Attributes:
        kind: What it is, for example `model package`.
        name: What it is called; empty when it is missing.
        facts: What is known of it, by name, in words.
        notes: What does not fit together, each a sentence without a full stop.
        missing: Why it is not there, and what would have recorded it; empty when it is there.
        origins: What it comes from.

    """

    kind: str
    name: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    missing: str = ""
    origins: tuple["Link", ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values; what is empty is left out, but for the kind."""
        values = {
            "kind": self.kind,
            "name": self.name,
            "facts": dict(self.facts),
            "notes": list(self.notes),
            "missing": self.missing,
            "origins": [origin.to_json() for origin in self.origins],
        }
        return {name: value for name, value in values.items() if value or name == "kind"}


def known(**facts: object) -> dict[str, str]:
    """Return the facts that are known, with spaces for underscores in their names."""
    return {name.replace("_", " "): str(value) for name, value in facts.items() if value not in (None, "")}


def missing_links(link: Link, *, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every missing link as `endpoint > model package > commit: why`."""
    place = (*above, link.kind)
    if link.missing:
        yield f"{' > '.join(place)}: {link.missing}"
    for origin in link.origins:
        yield from missing_links(origin, above=place)
