"""What one copy of an inference component needs, and how its copies are replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch

from tidegate._validation import Faults

LEAST_MEMORY_MB: Final = 128
LEAST_CORES: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentCompute:
    """What each copy reserves on its instance.

    Attributes:
        min_memory_mb: Memory that is reserved, at least 128 MB.
        max_memory_mb: Memory at which the copy is stopped, at least `min_memory_mb`; no bound when None.
        cpu_cores: Cores, at least 0.25; none reserved when None.
        accelerators: GPUs or Inferentia devices, at least 1; none when None.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        ComponentCompute(min_memory_mb=1024, cpu_cores=1)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html

    """

    min_memory_mb: int
    max_memory_mb: int | None = None
    cpu_cores: float | None = None
    accelerators: int | None = None

    def __post_init__(self) -> None:
        faults = Faults("component compute")
        bounds = (
            ("min_memory_mb", self.min_memory_mb, LEAST_MEMORY_MB),
            ("max_memory_mb", self.max_memory_mb, self.min_memory_mb),
            ("cpu_cores", self.cpu_cores, LEAST_CORES),
            ("accelerators", self.accelerators, 1),
        )
        for name, value, least in bounds:
            faults.rule(
                "component-compute",
                ok=value is None or value >= least,
                message=f"{name} must be at least {least}, got {value}",
            )
        faults.raise_if_any()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRollingUpdate:
    """How the copies of an inference component are replaced, batch by batch.

    Attributes:
        batch_percent: Share of the copies in one batch, 5 to 50 %.
        wait_seconds: How long the alarms are watched after each batch, 0 to 3600 seconds.
        timeout_seconds: Longest duration of the whole update, 600 to 28800 seconds, more than all the waits;
            SageMaker's own choice when None.
        rollback_percent: Share of the copies that go back at once, 5 to 100 %; all of them when None.
        alarms: At most 10 alarms, each of which sends the update back.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        ComponentRollingUpdate(batch_percent=25, wait_seconds=120, alarms=[alarm])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html

    """

    batch_percent: int
    wait_seconds: int
    timeout_seconds: int | None = None
    rollback_percent: int | None = None
    alarms: Sequence[cloudwatch.IAlarm] = ()

    def __post_init__(self) -> None:
        faults = Faults("component rolling update")
        faults.within("component-batch", batch_percent=self.batch_percent)
        faults.within("component-wait", wait_seconds=self.wait_seconds)
        faults.within("component-timeout", timeout_seconds=self.timeout_seconds)
        faults.within("component-rollback", rollback_percent=self.rollback_percent)
        faults.within("component-alarms", **{"number of alarms": len(self.alarms)})
        # As many batches as the share fits into the whole, with a wait after each.
        waits = self.wait_seconds * -(-100 // max(1, self.batch_percent))
        faults.rule(
            "component-timeout-waits",
            ok=self.timeout_seconds is None or self.timeout_seconds > waits,
            message=f"timeout_seconds must exceed the waits ({waits}), got {self.timeout_seconds}",
        )
        faults.raise_if_any()
