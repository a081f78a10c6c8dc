"""Refusals of the local cloud, worded and coded as AWS does."""

DOCUMENTATION = "docs/localcloud.md"


class AwsError(Exception):
    """An error that a caller sees as AWS's own.

    Attributes:
        code: AWS's error code, for example `ValidationException`.
        message: AWS's message.
        status: HTTP status.

    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class NotEmulated(AwsError):
    """Something that AWS can do and the local cloud cannot: refused, never ignored."""

    def __init__(self, what: str) -> None:
        """Refuse `what`, an operation or a property by name."""
        super().__init__("NotEmulated", f"the local cloud does not emulate {what}: see {DOCUMENTATION}", 501)
