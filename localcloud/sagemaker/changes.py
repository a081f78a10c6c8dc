"""What UpdateEndpoint keeps, and what UpdateEndpointWeightsAndCapacities changes.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html and
API_UpdateEndpointWeightsAndCapacities.html beside it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from localcloud.hosting import Concurrency
from localcloud.sagemaker.endpoint import Endpoint, Variant
from localcloud.sagemaker.names import Params, invalid, require_emulated
from localcloud.sagemaker.serverless import updated
from localcloud.sagemaker.variants import require_traffic

_CHANGE: Final = frozenset({"VariantName", "DesiredWeight", "DesiredInstanceCount", "ServerlessUpdateConfig"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of variants in place, by variant name."""

    weights: Mapping[str, float]
    counts: Mapping[str, int]
    limits: Mapping[str, Concurrency]

    @classmethod
    def read(cls, endpoint: Endpoint, params: Params) -> Self:
        """Read DesiredWeightsAndCapacities.

        Raises:
            AwsError: ValidationException, for a variant that does not exist, for what goes with the other
                kind of variant, and when no variant would get a request.

        """
        given = {each["VariantName"]: each for each in params["DesiredWeightsAndCapacities"]}
        for name, each in given.items():
            require_emulated(each, _CHANGE, "UpdateEndpointWeightsAndCapacities.DesiredWeightsAndCapacities")
            _check_kind(endpoint, name, each)
        change = cls(
            weights={n: float(each["DesiredWeight"]) for n, each in given.items() if "DesiredWeight" in each},
            counts={
                n: each["DesiredInstanceCount"] for n, each in given.items() if "DesiredInstanceCount" in each
            },
            limits={n: limits for n, each in given.items() if (limits := _limits(endpoint, n, each))},
        )
        change.check(endpoint)
        return change

    def check(self, endpoint: Endpoint) -> None:
        """Refuse the capacity of several variants, counts of none, and weights of nothing."""
        if len(self.counts) > 1:
            raise invalid(
                f"the capacity of one variant can be updated in a call, got {', '.join(self.counts)}"
            )
        if any(count < 1 for count in self.counts.values()) and endpoint.config.asynchronous is None:
            raise invalid("DesiredInstanceCount must be at least 1 for a variant of instances")
        production = endpoint.production().items()
        require_traffic([self.weights.get(name, variant.desired_weight) for name, variant in production])


def retained(params: Params) -> frozenset[str]:
    """Return the variant properties that an UpdateEndpoint retains."""
    excluded = {each["VariantPropertyType"] for each in params.get("ExcludeRetainedVariantProperties", [])}
    if not params.get("RetainAllVariantProperties", False):
        if excluded:
            raise invalid("ExcludeRetainedVariantProperties requires RetainAllVariantProperties to be true.")
        return frozenset()
    return frozenset({"DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"}) - excluded


def retain(variant: Variant, before: Variant | None, properties: frozenset[str]) -> None:
    """Give a variant the properties of the one before it."""
    if before is None:
        return
    if "DesiredInstanceCount" in properties and variant.desired_concurrency is None:
        variant.desired_count = before.desired_count
    if "DesiredWeight" in properties:
        variant.current_weight = variant.desired_weight = before.desired_weight


def _check_kind(endpoint: Endpoint, name: str, given: Params) -> None:
    variant = endpoint.variants.get(name)
    if variant is None:
        raise invalid(f'Could not find variant "{name}" of endpoint "{endpoint.arn}".')
    is_serverless = variant.desired_concurrency is not None
    member = "DesiredInstanceCount" if is_serverless else "ServerlessUpdateConfig"
    if member in given:
        kind = "serverless" if is_serverless else "an instance variant"
        raise invalid(f"{member} cannot be set for variant {name}, which is {kind}")


def _limits(endpoint: Endpoint, name: str, given: Params) -> Concurrency | None:
    before = endpoint.variants[name].desired_concurrency
    change = given.get("ServerlessUpdateConfig")
    return updated(before, change) if before is not None and change else None
