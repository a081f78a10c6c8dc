"""Scale-in of `live` is suspended during a rollout, and given back at its end."""

from dataclasses import replace

from tidegate_runtime.ports import Scaling
from tidegate_runtime.state import Baseline


def protect_live(scaling: Scaling) -> None:
    """Suspend scale-in, so that a rollback does not fall on a fleet that has shrunk meanwhile."""
    now = scaling.suspended()
    if now is not None and not now.scale_in:
        scaling.suspend(replace(now, scale_in=True))


def restore_scaling(scaling: Scaling, baseline: Baseline | None) -> None:
    """Give scale-in back as it was before the rollout; as active, when nobody knows.

    What else is suspended is not the rollout's, and stays as it is.
    """
    now = scaling.suspended()
    if now is None:
        return
    before = baseline.scaling if baseline is not None else None
    wanted = replace(now, scale_in=before.scale_in if before is not None else False)
    if wanted != now:
        scaling.suspend(wanted)
