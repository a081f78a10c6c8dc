"""What the function is told of its test, read once from the environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tidegate_runtime.errors import PlanInvalid

_REQUIRED = ("ENDPOINT_NAME", "AB_TEST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One A/B test.

    Attributes:
        endpoint_name: Name of the SageMaker endpoint.
        champion: Variant that takes all the test's traffic when it is over.
        instance_types: Instance type of each variant that takes part, the champion included.
        deadline: End of the test, in seconds since 1970.
        idle_after_seconds: How long nobody may call a variant before it expires.
        topic_arn: SNS topic that is told; empty when nobody is.

    """

    endpoint_name: str
    champion: str
    instance_types: Mapping[str, str]
    deadline: int
    idle_after_seconds: int
    topic_arn: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            PlanInvalid: naming every variable that is missing, or what is wrong with the test.

        """
        missing = [name for name in _REQUIRED if not environ.get(name)]
        if missing:
            raise PlanInvalid(f"environment variables missing: {', '.join(missing)}")
        try:
            test = json.loads(environ["AB_TEST"])
            return cls(
                endpoint_name=environ["ENDPOINT_NAME"],
                champion=test["champion"],
                instance_types=test["instance_types"],
                deadline=test["deadline"],
                idle_after_seconds=test["idle_after_seconds"],
                topic_arn=environ.get("TOPIC_ARN", ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise PlanInvalid(f"AB_TEST cannot be used: {type(error).__name__}: {error}") from error
