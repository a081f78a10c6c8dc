"""The `Invoker` port on SageMaker's runtime."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample

# A model may take 60 s; the function has as many in all. What is slower cannot be told from silence.
PATIENT: Final = Config(connect_timeout=3, read_timeout=45, retries={"total_max_attempts": 1})
"""For the client: one attempt, since each one more is one more request to the model."""


class RuntimeInvoker:
    """Asks one endpoint."""

    def __init__(self, client: Any, *, endpoint_name: str, now: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._endpoint_name = endpoint_name
        self._now = now

    def invoke(self, variant: str, sample: Sample) -> Answer:
        """Return a variant's answer, or with ANY_VARIANT that of whichever the weights choose.

        What the model itself answers with another status than 2xx is an answer: SageMaker says ModelError and
        hands on status and body, not the content type.

        Raises:
            Transient: there is no answer for the moment: the model is not ready
                (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html),
                too slow, or the service throttles or fails.

        """
        chosen = {"TargetVariant": variant} if variant else {}
        accept = {} if sample.accept is None else {"Accept": sample.accept}
        began = self._now()
        with translated():
            try:
                answer = self._client.invoke_endpoint(
                    EndpointName=self._endpoint_name,
                    ContentType=sample.content_type,
                    Body=sample.body,
                    **chosen,
                    **accept,
                )
                body = answer["Body"].read()
            except ClientError as error:
                if code_of(error) != "ModelError":
                    raise
                return self._refused(error, began)
        seconds = self._now() - began
        return Answer(status=200, content_type=answer.get("ContentType", ""), body=body, seconds=seconds)

    def _refused(self, error: ClientError, began: float) -> Answer:
        said: dict[str, Any] = dict(error.response)
        return Answer(
            status=int(said.get("OriginalStatusCode", 500)),
            content_type="",
            body=str(said.get("OriginalMessage", "")).encode(),
            seconds=self._now() - began,
        )
