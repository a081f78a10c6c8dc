"""The syntax of metric math: text to tree.

Source: Using math expressions with CloudWatch metrics,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from localcloud.errors import AwsError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>(),\[\]]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "OR"),
    ("&&", "AND"),
    ("==", "!=", "<=", ">=", "<", ">"),
    ("+", "-"),
    ("*", "/"),
)
_ALIASES = {"OR": "||", "AND": "&&"}


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text, without its quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of another query, or a keyword such as REPEAT."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, an operator (by its sign) or an array ("[]") with its arguments."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Text | Name | Call


def names(node: Node) -> Iterator[str]:
    """Yield every id and keyword that a tree mentions."""
    if isinstance(node, Name):
        yield node.value
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from names(argument)


def functions(node: Node) -> Iterator[str]:
    """Yield every function that a tree calls."""
    if isinstance(node, Call):
        yield node.function
        for argument in node.arguments:
            yield from functions(argument)


def parse(expression: str) -> Node:
    """Parse a metric math expression.

    Raises:
        AwsError: ValidationError, when the expression is not well-formed.

    """
    return _Parser(expression).whole()


class _Parser:
    """Recursive descent, one method for each level of precedence that is not a plain binary operator."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = list(self._split())
        self._at = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._at < len(self._tokens):
            raise self._fault(f"unexpected '{self._peek()}'")
        return node

    def _split(self) -> Iterator[str]:
        at, text = 0, self._expression.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self._fault(f"unexpected '{text[at:].strip()[:1]}'")
            at = found.end()
            yield found.group().strip()

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> str:
        token = self._peek()
        if not token or (wanted is not None and token != wanted):
            raise self._fault(f"expected '{wanted or 'a value'}', got '{token or 'the end'}'")
        self._at += 1
        return token

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in _LEVELS[level]:
            sign = self._take()
            left = Call(_ALIASES.get(sign, sign), (left, self._binary(level + 1)))
        return left

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._take()
            return Call("negative", (self._unary(),))
        base = self._primary()
        if self._peek() == "^":
            self._take()
            return Call("^", (base, self._unary()))
        return base

    def _primary(self) -> Node:
        token = self._take()
        if token == "(":  # noqa: S105 - a token of a grammar
            node = self._binary(0)
            self._take(")")
            return node
        if token == "[":  # noqa: S105
            return Call("[]", self._list("]"))
        if token[0] in "\"'":
            return Text(token[1:-1])
        if token[0].isdigit() or token[0] == ".":
            return Number(float(token))
        if not (token[0].isalpha() or token[0] == "_"):
            raise self._fault(f"unexpected '{token}'")
        if self._peek() == "(":
            self._take()
            return Call(token, self._list(")"))
        return Name(token)

    def _list(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while self._peek() != closing:
            if items:
                self._take(",")
            items.append(self._binary(0))
        self._take(closing)
        return tuple(items)

    def _fault(self, problem: str) -> AwsError:
        return AwsError("ValidationError", f"Error in expression '{self._expression}': {problem}")
