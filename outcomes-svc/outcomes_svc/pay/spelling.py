"""How amounts, figures and days are written for a reader. Pure."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal

from outcomes_svc.pay.money import PLACES
from outcomes_svc.pay.words import MONTHS, SYMBOLS


def money(amount: str, currency: str) -> str:
    """An amount as people write it, such as -$1,234.50; a rate with more places keeps them."""
    value = Decimal(amount)
    sign, symbol = "-" if value < 0 else "", SYMBOLS.get(currency, f"{currency} ")
    places = max(PLACES.get(currency, 2), -int(value.as_tuple().exponent))
    return f"{sign}{symbol}{abs(value):,.{places}f}"


def percent(rate: str) -> str:
    """A share as a percentage, without needless zeros: 0.043000 is 4.3 %."""
    return f"{(Decimal(rate) * 100).normalize():f} %"


def percent_reached(figure: str) -> str:
    """A share as a percentage cut to one place: 69.96 % is not yet 70 %."""
    return f"{_cut(Decimal(figure) * 100, 1)} %"


def reached(figure: str) -> str:
    """A figure cut to two places: 29.996 is not yet 30."""
    return _cut(Decimal(figure), 2)


def month_name(text: str) -> str:
    """YYYY-MM as May 2027."""
    year, number = text.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def day_name(day: date) -> str:
    """A day as 3 May 2027."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short(figure: str) -> str:
    """Two places are enough to read; the bytes hold all six."""
    return f"{round(Decimal(figure), 2).normalize():f}"


def signed(figure: str | None) -> str:
    """Two places and always a sign."""
    return "unknown" if figure is None else f"{round(Decimal(figure), 2):+f}"


def _cut(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN).normalize():f}"
