"""What may go wrong between an adapter and AWS, as scripts of a wire."""

from typing import Final

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from tests.lambdas.fakes.world import Crash
from tests.lambdas.wire.transport import Answer, Refused, Request, Script, Serve

_AT: Final = "https://aws.example"


def refused(code: str, message: str = "no", *, status: int = 400) -> Script:
    """Refuse a request without carrying it out."""

    def script(_request: Request, _serve: Serve) -> Answer:
        raise Refused(code, message, status=status)

    return script


def throttled(request: Request, serve: Serve) -> Answer:
    """Refuse a request for being one too many."""
    raise Refused("ThrottlingException", "Rate exceeded")


def lost(request: Request, serve: Serve) -> Answer:
    """Lose a request on its way: nothing is carried out, and no answer comes in time."""
    raise ReadTimeoutError(endpoint_url=_AT)


def answer_lost(request: Request, serve: Serve) -> Answer:
    """Carry a request out, and lose its answer."""
    serve(request)
    raise ReadTimeoutError(endpoint_url=_AT)


def connection_closed(request: Request, serve: Serve) -> Answer:
    """Carry a request out, and close the connection before the answer is through."""
    serve(request)
    raise ConnectionClosedError(endpoint_url=_AT)


def unreachable(request: Request, serve: Serve) -> Answer:
    """Let no connection come to be."""
    raise ConnectTimeoutError(endpoint_url=_AT)


def server_error(request: Request, serve: Serve) -> Answer:
    """Answer as a load balancer does whose servers are gone: no document of the service at all."""
    return Answer(body=b"<html><body>503 Service Unavailable</body></html>", status=503)


def dies_before(request: Request, serve: Serve) -> Answer:
    """Let the function's process die (out of memory, time-out) before the request is carried out."""
    raise Crash(request.operation)


def dies_after(request: Request, serve: Serve) -> Answer:
    """Let the function's process die between the request and whatever it would have written down."""
    serve(request)
    raise Crash(request.operation)
