"""How large a serverless variant is."""

from dataclasses import dataclass

from tidegate._compatibility_values import ServerlessSize, check_serverless
from tidegate._validation import Faults


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
        faults.add(check_serverless(self.size))
        faults.raise_if_any()

    @property
    def size(self) -> ServerlessSize:
        """The size, as the compatibility rules ask about it."""
        return ServerlessSize(
            memory_mb=self.memory_mb,
            max_concurrency=self.max_concurrency,
            provisioned_concurrency=self.provisioned_concurrency,
        )

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
