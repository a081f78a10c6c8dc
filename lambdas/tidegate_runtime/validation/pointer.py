"""JSON pointers: where in an answer the prediction lies.

Source: https://www.rfc-editor.org/rfc/rfc6901
"""

import re
from typing import Any, Final

_SYNTAX: Final = re.compile(r"(/([^~/]|~[01])*)*")
_INDEX: Final = re.compile(r"0|[1-9][0-9]*")


class NotThere(LookupError):
    """The value has no such place."""


def is_pointer(text: str) -> bool:
    """Tell whether a text is a JSON pointer; the empty one is the whole value."""
    return _SYNTAX.fullmatch(text) is not None


def at(value: Any, pointer: str) -> Any:
    """Return what lies at a place of a value.

    Raises:
        NotThere: nothing does, with the part of the pointer that leads nowhere.

    """
    walked = ""
    for raw in pointer.split("/")[1:]:
        part, walked = raw.replace("~1", "/").replace("~0", "~"), f"{walked}/{raw}"
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            raise NotThere(f"nothing at {walked}")
    return value
