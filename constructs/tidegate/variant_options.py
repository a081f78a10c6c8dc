"""Rarely needed settings of a fleet: routing, disk, timeouts, reserved capacity."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aws_cdk import Token

from tidegate._validation import Faults

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
        faults.raise_if_any()
