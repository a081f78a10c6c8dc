"""How long SageMaker takes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long changes take, in cloud seconds. The defaults are of the size that SageMaker shows."""

    create: float = 300
    update: float = 300
    weights: float = 60
    activate: float = 30
    roll_back: float = 60
    delete: float = 60
    component: float = 120
