"""One stage of a pipeline that promotes models: what is done for its environments, in which order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tidegate._job import Job

LONGEST_TEXT: Final = 1000
"""Characters of an approval's text.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html

"""

LONGEST_SUMMARY: Final = 240
"""Characters of a job's variable `Summary`, which the function `deliver` keeps."""

_VARIABLE: Final = re.compile(r"#{[^}]*}")
_MORE: Final = "(and more: see the actions before)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The jobs for one environment; each list is done one after the other.

    Attributes:
        before: Jobs before anybody is asked: a version is registered, and validated.
        after: Jobs that make it live: it is approved in the registry, and its rollout followed.

    """

    before: Sequence[Job] = ()
    after: Sequence[Job] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionStage:
    """Environments that a version reaches together, wave by wave.

    Attributes:
        name: Name of the stage.
        waves: The environments; a wave begins when the one before it is done.
        question: What a person is asked once every environment's version is registered and validated; nobody
            is asked when None. The jobs' answers are put below it.
        bakes: Jobs after each wave but the last.

    """

    name: str
    waves: Sequence[Sequence[Promotion]]
    question: str | None = None
    bakes: Sequence[Sequence[Job]] = field(default_factory=tuple)

    def steps(self) -> Iterator[Sequence[Job] | str]:
        """Yield what is done at the same time, step by step: jobs, or the text of an approval."""
        everything = [one for wave in self.waves for one in wave]
        yield from _abreast([one.before for one in everything])
        if self.question is not None:
            yield _text(self.question, [one.before[-1] for one in everything if one.before])
        for number, wave in enumerate(self.waves):
            yield from _abreast([one.after for one in wave])
            if number < min(len(self.bakes), len(self.waves) - 1) and self.bakes[number]:
                yield self.bakes[number]


def _abreast(lists: Sequence[Sequence[Job]]) -> Iterator[Sequence[Job]]:
    """Yield the first jobs of all lists, then the second ones, and so on."""
    for number in range(max(map(len, lists), default=0)):
        yield [jobs[number] for jobs in lists if number < len(jobs)]


def _text(question: str, jobs: Sequence[Job]) -> str:
    """Return a question with the answers of jobs below it, as many as fit when they are as long as can be."""
    lines, left = [question], LONGEST_TEXT - _longest(question) - len(_MORE) - 1
    for job in jobs:
        line = f"{job.at.environment if job.at is not None else job.do}: {job.variable('Summary')}"
        left -= _longest(line) + 1
        if left < 0:
            return "\n".join([*lines, _MORE])
        lines.append(line)
    return "\n".join(lines)


def _longest(text: str) -> int:
    """Return the characters of a text whose variables are as long as they can be."""
    return len(_VARIABLE.sub("x" * LONGEST_SUMMARY, text))
