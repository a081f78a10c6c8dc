"""How large a serverless variant is."""

from dataclasses import dataclass
from typing import Final

from tidegate._refusal import api, refusal
from tidegate._validation import Faults

MEMORY_SIZES_MB: Final = (1024, 2048, 3072, 4096, 5120, 6144)
MOST_CONCURRENCY: Final = 200
_PAGE: Final = api("ProductionVariantServerlessConfig")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Memory and concurrency of a serverless variant.

    Attributes:
        memory_mb: Memory of each worker in MB: 1024 to 6144 in steps of 1024. CPU grows with it.
        max_concurrency: Most requests at the same time, 1 to 200; more are refused with a 429 status.
        provisioned_concurrency: Workers that are kept warm, 1 to `max_concurrency`, billed also when idle;
            None (no warm workers, the first request waits for a cold start) by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Serverless.warm(memory_mb=2048, max_concurrency=20, provisioned_concurrency=2)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html

    """

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None

    def __post_init__(self) -> None:
        faults = Faults("serverless")
        faults.require(
            ok=self.memory_mb in MEMORY_SIZES_MB,
            message=refusal(
                f"memory_mb must be one of {MEMORY_SIZES_MB}, got {self.memory_mb}",
                because="SageMaker sells serverless memory in steps of 1 GB",
                page=_PAGE,
            ),
        )
        faults.require(
            ok=1 <= self.max_concurrency <= MOST_CONCURRENCY,
            message=refusal(
                f"max_concurrency must be 1 to {MOST_CONCURRENCY}, got {self.max_concurrency}",
                because="that is the bound of one serverless endpoint",
                page=_PAGE,
            ),
        )
        warm = self.provisioned_concurrency
        faults.require(
            ok=warm is None or 1 <= warm <= self.max_concurrency,
            message=refusal(
                f"provisioned_concurrency must be 1 to max_concurrency ({self.max_concurrency}), got {warm}",
                because="warm workers are a part of the concurrency",
                page=_PAGE,
            ),
        )
        faults.raise_if_any()

    @classmethod
    def on_demand(cls, *, memory_mb: int, max_concurrency: int) -> "Serverless":
        """Return a variant without warm workers: nothing is billed while nobody calls."""
        return cls(memory_mb=memory_mb, max_concurrency=max_concurrency)

    @classmethod
    def warm(cls, *, memory_mb: int, max_concurrency: int, provisioned_concurrency: int) -> "Serverless":
        """Return a variant with `provisioned_concurrency` warm workers, which answer without a cold start."""
        return cls(
            memory_mb=memory_mb,
            max_concurrency=max_concurrency,
            provisioned_concurrency=provisioned_concurrency,
        )
