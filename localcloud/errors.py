"""Refusals of the local cloud, as AWS words them on the wire."""


class AwsError(Exception):
    """A refusal that reaches the caller as an AWS error.

    Args:
        code: AWS's error code, for example ValidationException.
        message: what is wrong, for people.
        status: HTTP status.

    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class NotEmulated(AwsError):
    """The local cloud does not do this, and says so instead of ignoring it.

    Args:
        what: the operation or property, for example "SageMaker CreateEndpoint.DeploymentConfig".

    """

    def __init__(self, what: str) -> None:
        super().__init__(
            "NotEmulated", f"the local cloud does not emulate {what}; see docs/localcloud.md", status=501
        )
