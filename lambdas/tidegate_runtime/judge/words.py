"""Numbers as the judge's sentences show them."""

_SHOWN_E_VALUE = 1e6


def e_value(value: float) -> str:
    """Return an e-value with two digits, as a whole number from 10 on, or `over 1,000,000`."""
    if value >= _SHOWN_E_VALUE:
        return f"over {_SHOWN_E_VALUE:,.0f}"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def percent(rate: float) -> str:
    """Return a rate with three digits, for example `0.512 %`."""
    return f"{100 * rate:.3g} %"
