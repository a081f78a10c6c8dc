"""The alarms that a rollout starts under: the candidate's must be there and quiet, live's must not burn."""

from collections.abc import Sequence

from tidegate_runtime.errors import AlarmMissing, BaselineUnhealthy, Transient
from tidegate_runtime.health_ports import Alarms, burning
from tidegate_runtime.ports import CANDIDATE, LIVE


def check_alarms(alarms: Alarms, *, fix_forward: bool, guarding: Sequence[str] = (CANDIDATE, LIVE)) -> None:
    """Check the alarms of the variants that guard the rollout.

    Args:
        alarms: The alarms.
        fix_forward: Whether the version is to put out what burns: then live's alarms may burn.
        guarding: The variants.

    Raises:
        AlarmMissing: an alarm is not there.
        BaselineUnhealthy: an alarm of live burns.
        Transient: an alarm of the candidate burns since a rollout before this one. Only the moment in which
            an alarm goes off is an event, so the rollout waits until it can go off again.

    """
    states = alarms.states(guarding) if guarding else {}
    missing = [name for ours in states.values() for name, state in ours.items() if not state]
    if missing:
        raise AlarmMissing(f"deploy the controller's stack again: there is no alarm {', '.join(missing)}")
    lit = burning(states.get(LIVE, {}))
    if lit and not fix_forward:
        raise BaselineUnhealthy(
            f"live is in trouble: alarm {', '.join(lit)} burns; "
            "a version that is to put it out needs the customer metadata property fix_forward=true"
        )
    leftover = burning(states.get(CANDIDATE, {}))
    if leftover:
        raise Transient(f"alarm {', '.join(leftover)} burns since an earlier rollout")
