"""Real boto3 clients whose requests end here instead of in the network: serializer, retries, parser run."""

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from tidegate_runtime.adapters.aws import CONFIG

_XML: Final = ("cloudformation", "sns", "s3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request: which operation of which service (boto3's name), with what parameters.

    Parameters are the JSON document, the form's fields, for S3 `Bucket`, `Key` and the query's, and for a
    model `Body`, `TargetVariant` and `Accept`.
    """

    service: str
    operation: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the body as JSON."""
        document: dict[str, Any] = json.loads(self.body)
        return document

    def with_document(self, document: Any) -> "Answer":
        """Return this answer with another document."""
        return replace(self, body=json.dumps(document).encode())


Serve = Callable[[Request], Answer]
"""Carries a request out."""

Script = Callable[[Request, Serve], Answer]
"""Answers a request in its own way; may carry it out first, and may raise what a connection raises."""


class Refused(Exception):
    """A refusal by AWS: code and message, and the HTTP status if it is not 400."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


class Wire:
    """Everything between the adapters and AWS.

    Args:
        serve: Answers what is not scripted.

    """

    def __init__(self, serve: Serve) -> None:
        self._serve_unseen = serve
        self._scripts: dict[str, list[Script]] = defaultdict(list)
        self.always: dict[str, Script] = {}
        """By operation or service: how it answers until this is taken away."""
        self.requests: list[Request] = []
        """Every request that was sent, botocore's own repetitions among them."""
        self.carried_out: Counter[str] = Counter()
        """By operation: how many requests had an effect, or were answered with what was asked for."""

    def client(self, service: str, *, config: Config = CONFIG) -> Any:
        """Return a client as the handlers make it, whose requests end here."""
        made: Any = _session().client(service, config=config)  # type: ignore[call-overload]  # any service

        def send(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
            return self._send(service, event_name.rpartition(".")[2], request)

        made.meta.events.register("before-send", send)
        return made

    def script(self, operation: str, *answers: Script) -> None:
        """Answer the next requests of an operation with these, one each; then as usual again."""
        self._scripts[operation] += answers

    def sent(self, operation: str) -> int:
        """Return how many requests of an operation were sent."""
        return sum(request.operation == operation for request in self.requests)

    def _serve(self, request: Request) -> Answer:
        answer = self._serve_unseen(request)
        self.carried_out[request.operation] += 1
        return answer

    def _send(self, service: str, operation: str, raw: AWSPreparedRequest) -> AWSResponse:
        request = Request(service=service, operation=operation, params=_params(service, raw))
        self.requests.append(request)
        waiting = self._scripts[operation]
        script = waiting.pop(0) if waiting else self.always.get(operation, self.always.get(service))
        try:
            answer = script(request, self._serve) if script else self._serve(request)
        except Refused as refusal:
            answer = refusal_answer(service, refusal)
        body: Any = _Body(answer.body)
        headers: Any = HeadersDict(answer.headers)
        return AWSResponse(raw.url, answer.status, headers, body)


@functools.cache
def _session() -> boto3.Session:
    """Return one session for all wires: it reads each service model once. Clients count their own retries."""
    return boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")


def json_answer(document: Any) -> Answer:
    """Return a document as the JSON protocols do; times are seconds since 1970."""
    return Answer(body=json.dumps(document).encode(), headers={"Content-Type": "application/x-amz-json-1.1"})


def refusal_answer(service: str, refusal: Refused) -> Answer:
    """Return a refusal in the protocol of a service."""
    if service not in _XML:
        document = {"__type": f"com.amazonaws.{service}#{refusal.code}", "message": refusal.message}
        return Answer(body=json.dumps(document).encode(), status=refusal.status)
    if service == "s3":
        # A HEAD request has no body: the status alone tells.
        return Answer(status=refusal.status)
    error = f"<Type>Sender</Type><Code>{refusal.code}</Code><Message>{refusal.message}</Message>"
    return Answer(
        body=f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode(), status=refusal.status
    )


def _params(service: str, raw: AWSPreparedRequest) -> dict[str, Any]:
    body = raw.body.decode() if isinstance(raw.body, bytes) else str(raw.body or "")
    url = urlsplit(raw.url)
    if service == "s3":
        bucket, _, key = url.path.lstrip("/").partition("/")
        host = url.netloc.split(".s3.")[0] if ".s3." in url.netloc else ""
        named = {"Bucket": host, "Key": url.path.lstrip("/")} if host else {"Bucket": bucket, "Key": key}
        return {name: unquote(value) for name, value in named.items()} | dict(parse_qsl(url.query))
    if service in _XML:
        return dict(parse_qsl(body, keep_blank_values=True))
    if service == "sagemaker-runtime":
        variant = _text(raw.headers.get("X-Amzn-SageMaker-Target-Variant"))
        return {"Body": body, "TargetVariant": variant, "Accept": _text(raw.headers.get("Accept"))}
    document: dict[str, Any] = json.loads(body or "{}")
    return document


def _text(header: str | bytes | None) -> str:
    return header.decode() if isinstance(header, bytes) else header or ""


class _Body:
    """As urllib3 streams it, or lets it be read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, _size: int | None = None) -> bytes:
        content, self._content = self._content, b""
        return content
