"""The delay of an ASL Retry rule.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import random
from collections.abc import Mapping
from typing import Any

_DEFAULT_BACKOFF_RATE = 2.0
_MOST_DOUBLINGS = 60


def retry_delay_seconds(retrier: Mapping[str, Any], attempts: int) -> float:
    """Return the delay before the next attempt of a Retry rule, in cloud seconds.

    Args:
        retrier: one element of an ASL `Retry` list.
        attempts: retries already made under this rule.

    """
    rate = float(retrier.get("BackoffRate", _DEFAULT_BACKOFF_RATE))
    delay = float(retrier.get("IntervalSeconds", 1)) * rate ** min(attempts, _MOST_DOUBLINGS)
    if "MaxDelaySeconds" in retrier:
        delay = min(delay, float(retrier["MaxDelaySeconds"]))
    if retrier.get("JitterStrategy") == "FULL":
        delay = random.uniform(0, delay)  # noqa: S311 - spreads retries, guards nothing
    return delay
