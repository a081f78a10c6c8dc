"""Times and chances as the command `plan` tells them."""

_MINUTE = 60
_HOUR = 3600


def duration(seconds: float) -> str:
    """Return a time as people say it: `6 min 30 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / _MINUTE), _MINUTE)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def percent(chance: float) -> str:
    """Return a chance in percent, never rounded to certainty."""
    if chance < 0.001:
        return "below 0.1 %"
    return "over 99.9 %" if chance > 0.999 else f"{100 * chance:.3g} %"


def at_most(chance: float) -> str:
    """Return a bound on a chance in percent, rounded up where it would vanish."""
    return f"{100 * max(chance, 0.001):.3g} %"
