"""Rarely needed settings of a fleet: routing, disk, timeouts, reserved capacity."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aws_cdk import Token

from tidegate._rulebook_hosting import MOST_POOLS
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults

_RESERVATION: Final = re.compile(r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z0-9\-]{1,14}/.*")


class RoutingStrategy(Enum):
    """How requests are spread over the instances of a variant."""

    RANDOM = "RANDOM"
    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantOptions:
    """Settings of the instances of one variant; SageMaker's own choice for each that is None.

    Attributes:
        routing: How requests are spread over the instances; at random when None.
        volume_size_gb: Size of the storage volume, 1 to 512 GB; not for families with local disks.
        download_timeout_seconds: Longest download of the model, 60 to 3600 seconds.
        startup_timeout_seconds: Longest wait for the container's first good ping, 60 to 3600 seconds.
        provision_timeout_seconds: Longest wait for instances, 300 to 3600 seconds.
        reservation_arn: ARN of an ML capacity reservation; instances start nowhere else.
        fallback_types: One to four further instance types, tried in this order when there is no capacity of
            the variant's own; a pool of instances of its own each. Not with a reservation, and for variants
            of a single model only.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        VariantOptions(routing=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS, startup_timeout_seconds=900)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html

    """

    routing: RoutingStrategy | None = None
    volume_size_gb: int | None = None
    download_timeout_seconds: int | None = None
    startup_timeout_seconds: int | None = None
    provision_timeout_seconds: int | None = None
    reservation_arn: str | None = None
    fallback_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults("variant options")
        faults.within("volume-size", volume_size_gb=self.volume_size_gb)
        faults.within("download-timeout", download_timeout_seconds=self.download_timeout_seconds)
        faults.within("startup-timeout", startup_timeout_seconds=self.startup_timeout_seconds)
        faults.within("provision-timeout", provision_timeout_seconds=self.provision_timeout_seconds)
        arn = self.reservation_arn
        faults.rule(
            "capacity-reservation",
            ok=arn is None or Token.is_unresolved(arn) or _RESERVATION.fullmatch(arn) is not None,
            message=f"reservation_arn must be the ARN of an ML capacity reservation, got {arn!r}",
        )
        self._check_pools(faults)
        faults.raise_if_any()

    def _check_pools(self, faults: Faults) -> None:
        types = self.fallback_types
        faults.rule(
            "instance-pools",
            ok=len(types) < MOST_POOLS and len(set(types)) == len(types),
            message=f"fallback_types must be at most {MOST_POOLS - 1} different ones, got {list(types)}",
        )
        for instance_type in types:
            faults.rule(
                "instance-type",
                ok=INSTANCE_TYPE_PATTERN.fullmatch(instance_type) is not None,
                message=f"fallback_types must look like ml.m5.large, got {instance_type!r}",
            )
        faults.rule(
            "instance-pools-reservation",
            ok=not types or self.reservation_arn is None,
            message="fallback_types cannot go with a reservation_arn",
        )
