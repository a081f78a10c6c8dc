"""What CodePipeline would refuse of a pipeline, or carry out otherwise than meant."""

from collections.abc import Iterator, Sequence
from typing import Final

from tidegate.delivery_stage import DeliveryStage

EXECUTION_MODES: Final = ("queued", "superseded", "parallel")

_MODES: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/execution-modes.html"


def pipeline_faults(stages: Sequence[DeliveryStage], *, execution_mode: str) -> Iterator[str]:
    """Yield what is wrong with the stages of a pipeline, a sentence each."""
    if execution_mode not in EXECUTION_MODES:
        yield f"execution_mode must be one of {', '.join(EXECUTION_MODES)}, got {execution_mode!r}"
    if not stages:
        yield "must have at least one stage, got none"
    names = [name for stage in stages for name, _ in stage.named_waves()]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"stages and environments must differ in their names, got {name!r} twice"
    going_back = ", ".join(stage.name for stage in stages if stage.roll_back)
    if going_back and execution_mode == "parallel":
        yield f"roll_back does not go with execution_mode parallel ({_MODES}), got it for {going_back}"
