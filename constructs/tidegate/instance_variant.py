"""An instance-backed production variant."""

import math
from dataclasses import dataclass

from tidegate._compatibility_values import check_accelerator
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults
from tidegate.instance_families import has_local_disk
from tidegate.model import Model
from tidegate.variant_options import VariantOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceVariant:
    """A production variant: one model on a fleet of identical instances.

    Attributes:
        name: Stable name of the variant, at most 63 characters.
        model: The model that every instance of the variant serves.
        instance_type: SageMaker instance type, for example `ml.m5.large`.
        initial_count: Number of instances at creation, at least 1.
        weight: Share of the traffic relative to the sum of all weights; 0 is legal and means a dark variant.
        options: Routing, disk, timeouts and reserved capacity; SageMaker's own choices when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html

    """

    name: str
    model: Model
    instance_type: str
    initial_count: int = 1
    weight: float = 1.0
    options: VariantOptions | None = None

    def __post_init__(self) -> None:
        faults = Faults(f"variant {self.name!r}")
        faults.require_name(self.name, field="name")
        faults.rule(
            "instance-type",
            ok=INSTANCE_TYPE_PATTERN.fullmatch(self.instance_type) is not None,
            message=f"instance_type must look like ml.m5.large, got {self.instance_type!r}",
        )
        sized = self.options is not None and self.options.volume_size_gb is not None
        for instance_type in self.instance_types:
            faults.rule(
                "volume-size-local-disk",
                ok=not (sized and has_local_disk(instance_type)),
                message=f"volume_size_gb cannot be set for {instance_type}",
            )
            faults.add(check_accelerator(instance_type))
        faults.rule(
            "instance-pools",
            ok=self.instance_type not in self.instance_types[1:],
            message=f"fallback_types must differ from instance_type, got {self.instance_type} twice",
        )
        faults.rule(
            "instance-count",
            ok=self.initial_count >= 1,
            message=f"initial_count must be at least 1, got {self.initial_count}",
        )
        faults.rule(
            "variant-weight",
            ok=math.isfinite(self.weight) and self.weight >= 0,
            message=f"weight must be a number of at least 0, got {self.weight}",
        )
        faults.raise_if_any()

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The instance type, and those that are tried after it."""
        return (self.instance_type, *(self.options.fallback_types if self.options is not None else ()))
