"""What an action ends with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.artifact import Artifact


class ActionFailed(Exception):
    """An action that failed.

    Args:
        code: error code of its details, for example JobFailed.
        message: one sentence for people.
        external_id: id of what it started, for example of a build.

    """

    def __init__(self, code: str, message: str, *, external_id: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.external_id = external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The revision that a source action took.

    Attributes:
        id: version of the object.
        summary: what its author says about it, empty for nothing.

    """

    id: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """An action that succeeded.

    Attributes:
        variables: its output variables.
        artifacts: output artifacts that it stored.
        revision: for a source action, what it took.
        summary: one line for people.
        external_id: id of what it started, for example of a build.

    """

    variables: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()
    revision: Revision | None = None
    summary: str = ""
    external_id: str = ""
