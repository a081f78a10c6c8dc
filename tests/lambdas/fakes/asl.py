"""Amazon States Language, as much as the shipped machines use: a definition is compiled once, and then run.

What it does not know it refuses when it compiles: a machine that ships is never run as another one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.lambdas.fakes.asl_paths import Document, Reader, Writer, reader, template, test, writer

START_EXECUTION: Final = "arn:aws:states:::states:startExecution"
INVOKE_AND_WAIT: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
_FREE: Final = ("Comment", "Type", "Next", "End")
_KNOWN: Final = {
    "Task": (
        "Resource",
        "Parameters",
        "ResultSelector",
        "ResultPath",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "Retry",
        "Catch",
    ),
    "Choice": ("Choices", "Default"),
    "Wait": ("Seconds", "SecondsPath"),
    "Pass": ("Parameters", "Result", "ResultPath"),
    "Succeed": (),
    "Fail": ("Error", "Cause"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """How often a task is tried again after some errors, and how long it waits at most before."""

    errors: Sequence[str]
    attempts: int
    first_seconds: float
    rate: float
    longest_seconds: float

    def seconds(self, tries: int) -> float:
        """Return the longest wait before the try of a number, 1 for the first repetition."""
        # Beyond 2 ** 64 every wait is the longest one.
        return min(self.longest_seconds, self.first_seconds * self.rate ** min(tries - 1, 64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """Where some errors lead, and where they are written."""

    errors: Sequence[str]
    then: str
    write: Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One state.

    Attributes:
        kind: The `Type`.
        then: The next state, empty at an end and behind a choice.
        resource: What a task calls: a handler's folder, or a service integration.
        waits_for_answer: Whether a task is over only when somebody answers with its token.
        given: What a task or a pass is given, made from the document and the context.
        taken: What is kept of a task's result.
        write: Puts the result into the document.
        choices: Conditions with the states that they lead to.
        seconds: How long to wait; of a task, how long it may take, None without a limit.

    """

    name: str
    kind: str
    then: str = ""
    resource: str = ""
    waits_for_answer: bool = False
    given: Reader
    taken: Reader
    write: Writer
    seconds: Reader | None = None
    retriers: Sequence[Retrier] = ()
    catchers: Sequence[Catcher] = ()
    choices: Sequence[tuple[Callable[[Document], bool], str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A state machine: where it starts, how long it may take, its states by name."""

    start_at: str
    timeout_seconds: float
    states: Mapping[str, Node]


def compiled(raw: Mapping[str, Any], functions: Mapping[str, str]) -> Definition:
    """Return a definition that can be run.

    Args:
        raw: The definition as it ships.
        functions: Folders of the handlers, by ARN.

    Raises:
        ValueError: it holds something that is not known here.

    """
    states = {name: _node(name, state, functions) for name, state in raw["States"].items()}
    ahead = {node.then for node in states.values() if node.then}
    ahead |= {then for node in states.values() for _, then in node.choices}
    ahead |= {catcher.then for node in states.values() for catcher in node.catchers}
    if not ahead <= set(states):
        raise ValueError(f"there are no states {sorted(ahead - set(states))}")
    return Definition(
        start_at=raw["StartAt"], timeout_seconds=raw.get("TimeoutSeconds", float("inf")), states=states
    )


def matches(errors: Sequence[str], name: str) -> bool:
    """Tell whether a retrier or a catcher is meant for an error."""
    return (
        "States.ALL" in errors
        or name in errors
        or ("States.TaskFailed" in errors and name != "States.Timeout")
    )


def _node(name: str, raw: Mapping[str, Any], functions: Mapping[str, str]) -> Node:
    kind = raw["Type"]
    unknown = set(raw) - {*_FREE, *_KNOWN.get(kind, ())}
    if kind not in _KNOWN or unknown:
        raise ValueError(f"state {name}: {kind} with {sorted(unknown)} is not known here")
    choices = [(test(one), one["Next"]) for one in raw.get("Choices", ())]
    if "Default" in raw:
        choices.append((lambda _: True, raw["Default"]))
    return Node(
        name=name,
        kind=kind,
        then=raw.get("Next", ""),
        resource=_resource(name, raw, functions),
        waits_for_answer=raw.get("Resource") == INVOKE_AND_WAIT,
        given=_given(raw),
        taken=template(raw["ResultSelector"]) if "ResultSelector" in raw else _whole,
        write=writer(raw.get("ResultPath", "$")),
        seconds=_seconds(raw),
        retriers=[_retrier(one) for one in raw.get("Retry", ())],
        catchers=[_catcher(one) for one in raw.get("Catch", ())],
        choices=choices,
    )


def _resource(name: str, raw: Mapping[str, Any], functions: Mapping[str, str]) -> str:
    resource = raw.get("Resource", "")
    if resource == INVOKE_AND_WAIT:
        resource = raw["Parameters"]["FunctionName"]
    if raw["Type"] != "Task" or resource == START_EXECUTION:
        return str(resource)
    if resource not in functions:
        raise ValueError(f"state {name}: {resource} is neither a handler nor an integration known here")
    return functions[resource]


def _given(raw: Mapping[str, Any]) -> Reader:
    if "Result" in raw:
        result = raw["Result"]
        return lambda _document, _context: result
    return template(raw["Parameters"]) if "Parameters" in raw else _whole


def _whole(document: Document, _context: Document) -> Document:
    return document


def _seconds(raw: Mapping[str, Any]) -> Reader | None:
    for key in ("Seconds", "TimeoutSeconds"):
        if key in raw:
            seconds = raw[key]
            return lambda _document, _context: seconds
    path = raw.get("SecondsPath", raw.get("TimeoutSecondsPath"))
    return None if path is None else reader(path)


def _retrier(raw: Mapping[str, Any]) -> Retrier:
    return Retrier(
        errors=raw["ErrorEquals"],
        attempts=raw.get("MaxAttempts", 3),
        first_seconds=raw.get("IntervalSeconds", 1),
        rate=raw.get("BackoffRate", 2.0),
        longest_seconds=raw.get("MaxDelaySeconds", float("inf")),
    )


def _catcher(raw: Mapping[str, Any]) -> Catcher:
    return Catcher(errors=raw["ErrorEquals"], then=raw["Next"], write=writer(raw.get("ResultPath", "$")))
