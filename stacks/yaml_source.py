"""YAML text with line numbers, and faults that point into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

Place = Sequence[str | int]

_TOP: Final = 1


class BadFiles(Exception):
    """Files that cannot be used; the text has one fault a line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults: tuple[str, ...] = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlSource:
    """One parsed YAML file.

    Attributes:
        name: How messages call the file.
        document: The mapping at its top, with line numbers.

    """

    name: str
    document: CommentedMap

    @classmethod
    def read(cls, path: Path) -> "YamlSource":
        """Read a file.

        Raises:
            BadFiles: it is missing, unreadable, not YAML, or not a mapping; one clear line.

        """
        name = shown(path)
        content = content_of(path)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise BadFiles([f"{name}:{line}: must be text in UTF-8"]) from None
        try:
            document = YAML(typ="rt", pure=True).load(text)
        except (YAMLError, RecursionError) as error:
            raise BadFiles([_syntax(name, error)]) from None
        if not isinstance(document, CommentedMap):
            found = (
                "nothing" if document is None else "a list" if isinstance(document, list) else repr(document)
            )
            raise BadFiles([f"{name}:{_TOP}: must be a mapping of fields, got {found}"])
        return cls(name=name, document=document)

    def fault(self, place: Place, message: str) -> str:
        """Return `file:line: path.to.field: message`; without the path for the whole file."""
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")
        return ": ".join(part for part in (f"{self.name}:{self.line(place)}", path, message) if part)

    def line(self, place: Place) -> int:
        """Return the line of the value at `place`, or of the nearest thing around it that exists."""
        node: Any = self.document
        line = _TOP
        for key in place:
            if not _has(node, key):
                break
            line = (node.lc.item(key) if isinstance(node, CommentedSeq) else node.lc.key(key))[0] + 1
            node = node[key]
        return line


def content_of(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        BadFiles: it is missing or unreadable; one clear line.

    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadFiles([f"{shown(path)}: no such file"]) from None
    except OSError as error:
        raise BadFiles([f"{shown(path)}: cannot be read: {error.strerror}"]) from None


def plain(node: Any) -> Any:
    """Return the node as plain Python values, without comments and line numbers."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def shown(path: Path) -> str:
    """Return the path as a message shows it: relative to the working folder where possible."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def _has(node: Any, key: str | int) -> bool:
    if isinstance(node, CommentedSeq):
        return isinstance(key, int) and key < len(node)
    return isinstance(node, CommentedMap) and key in node


def _syntax(name: str, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = " ".join(str(getattr(error, "problem", None) or error).split("\n")[0].split())
    # A key that is given twice is told without the values, which may be whole sections.
    problem = problem.partition(" with value ")[0]
    where = f"{name}:{mark.line + 1}" if mark is not None else name
    return f"{where}: not valid YAML: {problem}"
