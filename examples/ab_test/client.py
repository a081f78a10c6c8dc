"""The client of an A/B test: each user always gets the same variant.

Needs boto3 and `tidegate/pinning.py`, which imports nothing but the standard library: copy that file, or
`pip install tidegate`. In your service:

    client = PinnedClient(boto3.client("sagemaker"), boto3.client("sagemaker-runtime"))
    answer, variant = client.ask(user_id, body)
"""

import time
from typing import Any

from botocore.exceptions import ClientError

from tidegate.pinning import WeightCache, pick_variant

ENDPOINT = "ranking"


class PinnedClient:
    """Sends each user's requests to the user's own variant, and tells which one has answered.

    Args:
        control: A boto3 client of `sagemaker`.
        runtime: A boto3 client of `sagemaker-runtime`.

    """

    def __init__(self, control: Any, runtime: Any) -> None:
        self._control = control
        self._runtime = runtime
        self._weights = WeightCache(self._read_weights, clock=time.monotonic)

    def ask(self, user_id: str, body: bytes) -> tuple[bytes, str]:
        """Return the answer and the variant that gave it: log both with the user, to judge by user."""
        variant = pick_variant(user_id, self._weights.weights(), test="ranking-2027-01")
        try:
            return self._invoke(body, variant)
        except ClientError as error:
            if variant is None or error.response["Error"]["Code"] != "ValidationError":
                raise
            # The variant is gone: any other one answers, and the weights are read again.
            self._weights.forget()
            return self._invoke(body, None)

    def _invoke(self, body: bytes, variant: str | None) -> tuple[bytes, str]:
        target = {} if variant is None else {"TargetVariant": variant}
        answer = self._runtime.invoke_endpoint(
            EndpointName=ENDPOINT, ContentType="application/json", Body=body, **target
        )
        return answer["Body"].read(), answer["InvokedProductionVariant"]

    def _read_weights(self) -> dict[str, float]:
        variants = self._control.describe_endpoint(EndpointName=ENDPOINT)["ProductionVariants"]
        return {variant["VariantName"]: variant["CurrentWeight"] for variant in variants}
