"""Money and figures with a fixed number of places, so that one statement has one spelling. Pure.

Rounding, chosen once for all of pay: half up (a half goes away from zero), each line to the smallest unit of its
currency, sums of rounded lines. A therapist with a pocket calculator comes to the same cents.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

PLACES = {"USD": 2, "CAD": 2, "MXN": 2, "EUR": 2, "GBP": 2, "CHF": 2, "AUD": 2, "NZD": 2, "JPY": 0}
"""Decimal places of the currencies that a plan may pay in (ISO 4217, minor units)."""
FIGURE_PLACES = 6
"""Decimal places of every figure in a statement that is not money."""

ZERO = Decimal(0)
_DIGITS = 40


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount to the smallest unit of its currency, half up."""
    return _quantized(amount, PLACES[currency])


def zero(currency: str) -> Decimal:
    """No money, with the places of its currency."""
    return rounded(ZERO, currency)


def figure(value: float | Decimal) -> Decimal:
    """A figure to FIGURE_PLACES places, half up; a float by its shortest exact spelling. Raises ValueError."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError("a figure in a statement is a finite number")
    # A zero has no sign: -0.000000 would be a second spelling of it.
    return _quantized(exact, FIGURE_PLACES) + ZERO


def decimal_of(text: str) -> Decimal:
    """A decimal from plain digits (`12`, `12.50`, `-3.1`); raises ValueError for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal number") from None
    if not value.is_finite() or "e" in text.lower() or "_" in text or text != text.strip():
        raise ValueError(f"{text!r} is not a decimal number")
    return value


def _quantized(value: Decimal, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = _DIGITS
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
