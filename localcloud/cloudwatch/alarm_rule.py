"""The rule of a composite alarm: states of other alarms, TRUE, FALSE, NOT, AND, OR and parentheses.

Source: PutCompositeAlarm (AlarmRule),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.errors import AwsError

_TOKEN = re.compile(r"\s*(?:(?P<sign>[()])|\"(?P<quoted>[^\"]+)\"|(?P<word>[^\s()\"]+))")
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_WORST_CHILDREN = 100

Lookup = Callable[[str], str]
_Test = Callable[[Lookup], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """A parsed rule: the alarms it mentions, by name, and the test."""

    text: str
    children: tuple[str, ...]
    test: _Test

    def holds(self, state_of: Lookup) -> bool:
        """Whether the rule is true; `state_of` returns the state of an alarm by its name."""
        return self.test(state_of)


def parse_rule(text: str) -> AlarmRule:
    """Parse an AlarmRule.

    Raises:
        AwsError: ValidationError, when the rule is not well-formed or mentions more than 100 alarms.

    """
    parser = _Parser(text)
    test = parser.whole()
    if len(parser.children) > _WORST_CHILDREN:
        raise AwsError("ValidationError", f"AlarmRule may mention 100 alarms, got {len(parser.children)}")
    return AlarmRule(text=text, children=tuple(parser.children), test=test)


def alarm_name(reference: str) -> str:
    """Return the name in a reference, which is a name or an alarm ARN."""
    return reference.split(":alarm:", 1)[1] if reference.startswith("arn:") else reference


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._at = 0
        self.children: dict[str, None] = {}

    def whole(self) -> _Test:
        test = self._either()
        if self._at < len(self._tokens):
            raise self._fault()
        return test

    def _split(self) -> list[str]:
        tokens: list[str] = []
        at, text = 0, self._text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise AwsError("ValidationError", f"AlarmRule must be well-formed, got: {self._text}")
            tokens.append(found[found.lastgroup or 0])
            at = found.end()
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise self._fault()
        self._at += 1
        return token

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._peek() == "OR":
            self._take()
            tests.append(self._both())
        return lambda state_of: any(test(state_of) for test in tests)

    def _both(self) -> _Test:
        tests = [self._negated()]
        while self._peek() == "AND":
            self._take()
            tests.append(self._negated())
        return lambda state_of: all(test(state_of) for test in tests)

    def _negated(self) -> _Test:
        if self._peek() != "NOT":
            return self._primary()
        self._take()
        test = self._negated()
        return lambda state_of: not test(state_of)

    def _primary(self) -> _Test:
        token = self._take()
        if token == "(":  # noqa: S105 - a token of a grammar, not of a session
            test = self._either()
            self._take(")")
            return test
        if token in ("TRUE", "FALSE"):
            return lambda _: token == "TRUE"  # noqa: S105
        if token not in _STATES:
            raise self._fault()
        self._take("(")
        child = alarm_name(self._take())
        self._take(")")
        self.children[child] = None
        return lambda state_of: state_of(child) == token

    def _fault(self) -> AwsError:
        got = self._peek() or "the end"
        return AwsError(
            "ValidationError", f"AlarmRule must be well-formed, unexpected {got} in: {self._text}"
        )
