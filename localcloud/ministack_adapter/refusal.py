"""Requests for services that nothing emulates: refused in the protocol they came in."""

import json
from typing import Any
from xml.sax.saxutils import escape

from localcloud.errors import NotEmulated

_FORM = "application/x-www-form-urlencoded"


class Handlers(dict[str, Any]):
    """ministack's table of services, with an answer for every service that is not in it."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the service's handler, or one that refuses."""
        return super().get(key, default) or _refuse(key)


def _refuse(service: str) -> Any:
    error = NotEmulated(service)

    async def handler(
        _method: str, _path: str, headers: dict[str, str], _body: bytes, _query: dict[str, list[str]]
    ) -> tuple[int, dict[str, str], bytes]:
        if headers.get("content-type", "").startswith(_FORM):
            detail = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
            document = f"<ErrorResponse><Error>{detail}</Error></ErrorResponse>"
            return error.status, {"Content-Type": "text/xml"}, document.encode()
        fields = {"__type": error.code, "code": error.code, "message": error.message}
        return error.status, {"Content-Type": "application/json"}, json.dumps(fields).encode()

    return handler
