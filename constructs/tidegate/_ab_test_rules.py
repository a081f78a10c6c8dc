"""What an A/B test refuses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aws_cdk import Duration, Stack, Token
from constructs import Construct

from tidegate._validation import Faults
from tidegate.instance_variant import InstanceVariant
from tidegate.pinning import CANDIDATE
from tidegate.real_time_endpoint import RealTimeEndpoint

_LEAST_IDLE_SECONDS: Final = 3_600
# CloudWatch keeps hourly sums for 455 days.
_MOST_IDLE_SECONDS: Final = 455 * 86_400


def check_endpoint(faults: Faults, test: Construct, endpoint: RealTimeEndpoint) -> None:
    """Refuse an endpoint without a name of its own, or of another stack."""
    faults.require(
        ok=not Token.is_unresolved(endpoint.endpoint_name),
        message="endpoint must have an endpoint_name, got one that CloudFormation names",
    )
    here, there = Stack.of(test).node.path, Stack.of(endpoint).node.path
    faults.require(ok=here == there, message=f"must be in the endpoint's stack {there!r}, got {here!r}")


def check_variants(
    faults: Faults, endpoint: RealTimeEndpoint, variants: Sequence[InstanceVariant], champion: InstanceVariant
) -> None:
    """Refuse variants between which there is nothing to compare, or that are not the test's to move."""
    names = [variant.name for variant in variants]
    faults.require(ok=len(set(names)) > 1, message=f"variants must be at least 2 different ones, got {names}")
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.require(ok=False, message=f"variants must differ in name, got {name!r} twice")
    faults.require(ok=champion in variants, message=f"champion must be one of {names}, got {champion.name!r}")
    for variant in variants:
        _check_variant(faults, endpoint, variant)
    weights = {variant.name: variant.weight for variant in variants}
    faults.require(
        ok=sum(weight > 0 for weight in weights.values()) > 1,
        message=f"at least two of the variants must have a weight above 0, got {weights}",
    )
    faults.require(
        ok=champion.weight > 0,
        message=f"champion must have a weight above 0, got {champion.weight:g}: in the end it would get "
        "traffic that it was not tested with",
    )


def _check_variant(faults: Faults, endpoint: RealTimeEndpoint, variant: InstanceVariant) -> None:
    known = [one.name for one in endpoint.variants]
    faults.require(
        ok=variant in endpoint.variants,
        message=f"variants must be of the endpoint's {known}, got {variant.name!r}",
    )
    faults.require(
        ok=variant.name != CANDIDATE,
        message=f"variants must not contain {CANDIDATE!r}: it belongs to rollouts",
    )
    faults.require(
        ok=endpoint.node.try_find_child(_claim(variant)) is None,
        message=f"variant {variant.name!r} takes part in another A/B test",
    )


def check_times(faults: Faults, deadline: datetime, idle_after: Duration) -> None:
    """Refuse a deadline that means another time elsewhere, and a patience that CloudWatch cannot judge."""
    faults.require(
        ok=deadline.utcoffset() is not None,
        message=f"deadline must have a time zone, got {deadline.isoformat()}",
    )
    seconds = idle_after.to_seconds()
    faults.require(
        ok=_LEAST_IDLE_SECONDS <= seconds <= _MOST_IDLE_SECONDS,
        message=f"idle_after must be 1 hour to 455 days, got {seconds:.0f} s",
    )


def claim(endpoint: RealTimeEndpoint, variants: Sequence[InstanceVariant]) -> None:
    """Mark the variants as taken, so that no other test moves their traffic too."""
    for variant in variants:
        Construct(endpoint, _claim(variant))


def _claim(variant: InstanceVariant) -> str:
    return f"Test-{variant.name}"
