"""AWS's errors in our words, and clients that are made without looking for all services."""

import pytest
from botocore.exceptions import ClientError

from tidegate_runtime.adapters import aws
from tidegate_runtime.errors import Denied, Fault, QuotaExceeded, Rejected, Throttled, Transient


def raised(code: str, *, status: int = 400) -> Fault:
    response = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(Fault) as caught, aws.translated():
        raise ClientError(response, "DescribeEndpoint")  # type: ignore[arg-type]  # only what is read
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Throttling", Throttled),
        ("ThrottlingException", Throttled),
        ("ThrottledException", Throttled),
        ("RequestLimitExceeded", Throttled),
        ("ProvisionedThroughputExceededException", Throttled),
        ("TooManyUpdates", Transient),
        ("InternalFailure", Transient),
        ("AccessDenied", Denied),
        ("ResourceLimitExceeded", QuotaExceeded),
        ("ValidationException", Rejected),
    ],
)
def test_an_error_gets_the_name_that_the_state_machines_know(code: str, kind: type[Fault]) -> None:
    assert type(raised(code)) is kind


def test_a_server_error_is_transient_and_no_throttle() -> None:
    assert type(raised("Strange", status=503)) is Transient


def test_a_throttle_is_transient_to_whoever_does_not_tell_them_apart() -> None:
    assert issubclass(Throttled, Transient)


def test_a_client_of_a_service_that_botocore_does_not_have_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(Exception, match="no-such-service"):
        aws.client("no-such-service")
