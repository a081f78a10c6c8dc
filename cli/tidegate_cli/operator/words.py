"""Numbers, times and names as people read them."""

from datetime import UTC, datetime


def clock_time(at: float) -> str:
    """Return the time of day, for example `05:14:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%SZ")


def date_time(at: float) -> str:
    """Return date and time, for example `2026-11-21 05:14:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def duration(seconds: float) -> str:
    """Return seconds as `45 s`, `12 min` or `3.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def percent(rate: float) -> str:
    """Return a rate with three digits, for example `0.512 %`."""
    return f"{100 * rate:.3g} %"


def version_of(package_arn: str | None) -> str:
    """Return `v3` for `.../group/3`, and `none` without a package."""
    return "v" + package_arn.rsplit("/", 1)[-1] if package_arn else "none"
