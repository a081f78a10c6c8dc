"""What a version has answered so far, in one object: it outlasts the endpoint that was asked."""

import json
from dataclasses import dataclass
from typing import Any

from deliver.asking import FOLDER, Asked
from tidegate_runtime.validation.ports import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of one version.

    Attributes:
        answers: The predictions of the first rows, in their order.
        failure: Why there will be no more; empty as long as there is no reason.

    """

    answers: tuple[Any, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """Reads and replaces what is known, each time as a whole: rows that are asked twice are kept once."""

    objects: Objects

    def read(self, asked: Asked) -> Kept | None:
        """Return what is known; None when nothing was begun."""
        content = self.objects.read(_key(asked))
        if content is None:
            return None
        raw = json.loads(content)
        return Kept(answers=tuple(raw["answers"]), failure=raw["failure"])

    def write(self, asked: Asked, kept: Kept) -> None:
        """Keep what is known."""
        document = {"answers": kept.answers, "failure": kept.failure}
        self.objects.write(_key(asked), json.dumps(document, separators=(",", ":")).encode())


def _key(asked: Asked) -> str:
    return f"{FOLDER}/{asked.name}/answers.json"
