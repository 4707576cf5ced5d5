"""The work that is paid: sessions, recorded hours and ways; and the line that each becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.pay.money import ZERO, figure, rounded
from outcomes_svc.pay.plan import DriveSource, PayPlan, RateUnit, UnitRule

UNIT_MINUTES = 15


class EntryKind(StrEnum):
    """What the office records for a therapist's day: paid hours beside sessions, kilometres, driven minutes."""

    HOURS = "hours"
    KILOMETRES = "kilometres"
    DRIVE_MINUTES = "drive_minutes"


class Section(StrEnum):
    """Where on the statement a line stands."""

    SESSIONS = "sessions"
    HOURS = "hours"
    TRAVEL = "travel"


@dataclass(frozen=True, kw_only=True)
class PaidSession:
    """A signed session as it stood when it was paid; `version` is the note's, `date` the therapist's."""

    id: str
    version: int
    date: date
    setting: str
    service_type: str
    treated_minutes: int


@dataclass(frozen=True, kw_only=True)
class TimeEntry:
    """Something that the office recorded. `quantity` is in hours, kilometres or minutes, as `kind` says."""

    id: str
    kind: EntryKind
    date: date
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class DrivenDay:
    """The driven minutes of a therapist's day: the sum over the stops of the newest published revision."""

    date: date
    revision: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a statement. `key` names what it pays, so that a later correction can refer to it.

    `about` holds what a reader needs to find it again: ids, versions, setting.
    """

    key: str
    section: Section
    date: date
    quantity: Decimal
    per: str
    rate: Decimal
    amount: Decimal
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """All that it rests on, as text: two lines with the same one pay the same thing for the same reason."""
        parts = (str(self.date), str(self.quantity), self.per, str(self.rate), str(self.amount))
        return "|".join((*parts, *(f"{name}={self.about[name]}" for name in sorted(self.about) if name != "version")))


def paid_session(session: TreatedSession, day: date) -> PaidSession:
    """What of a session is paid."""
    return PaidSession(
        id=session.id,
        version=session.version,
        date=day,
        setting=session.setting,
        service_type=session.service_type,
        treated_minutes=session.treated_minutes,
    )


def units(minutes: int, rule: UnitRule) -> Decimal:
    """15-minute units of treated minutes."""
    if rule is UnitRule.EIGHT_MINUTES:
        return Decimal((minutes + 7) // UNIT_MINUTES)
    return Decimal(minutes) / UNIT_MINUTES


def session_line(session: PaidSession, plan: PayPlan) -> Line:
    """A session's base pay: units (or hours, or one) times the rate of its setting and service type."""
    rate = plan.rate(session.setting, session.service_type)
    quantity = {
        RateUnit.UNIT: units(session.treated_minutes, plan.unit_rule),
        RateUnit.HOUR: Decimal(session.treated_minutes) / 60,
        RateUnit.SESSION: Decimal(1),
    }[rate.per]
    about = {
        "session": session.id,
        "version": str(session.version),
        "setting": session.setting,
        "service_type": session.service_type,
        "treated_minutes": str(session.treated_minutes),
    }
    return _line(f"session:{session.id}", Section.SESSIONS, session.date, quantity, rate.per, rate.amount, plan, about)


def entry_line(entry: TimeEntry, plan: PayPlan) -> Line | None:
    """A recorded entry's pay; None where the plan does not pay its kind."""
    rate = {
        EntryKind.HOURS: plan.hourly or ZERO,
        EntryKind.KILOMETRES: plan.travel.per_kilometre,
        EntryKind.DRIVE_MINUTES: plan.travel.per_minute,
    }[entry.kind]
    by_routes = plan.travel.minutes_from is DriveSource.ROUTES
    if rate == ZERO or (entry.kind is EntryKind.DRIVE_MINUTES and by_routes):
        return None
    section = Section.HOURS if entry.kind is EntryKind.HOURS else Section.TRAVEL
    per = {"hours": "hour", "kilometres": "kilometre", "drive_minutes": "minute"}[entry.kind]
    return _line(f"entry:{entry.id}", section, entry.date, entry.quantity, per, rate, plan, {"entry": entry.id})


def drive_line(day: DrivenDay, plan: PayPlan) -> Line | None:
    """A driven day's pay; None where the plan does not pay by minutes of published routes."""
    travel = plan.travel
    if travel.per_minute == ZERO or travel.minutes_from is not DriveSource.ROUTES or day.minutes == 0:
        return None
    about = {"route": day.date.isoformat(), "version": str(day.revision)}
    quantity = Decimal(day.minutes)
    return _line(f"route:{day.date}", Section.TRAVEL, day.date, quantity, "minute", travel.per_minute, plan, about)


def _line(
    key: str,
    section: Section,
    day: date,
    quantity: Decimal,
    per: str,
    rate: Decimal,
    plan: PayPlan,
    about: Mapping[str, str],
) -> Line:
    return Line(
        key=key,
        section=section,
        date=day,
        quantity=figure(quantity),
        per=str(per),
        rate=rate,
        # From the exact quantity: rounding it first would round twice.
        amount=rounded(quantity * rate, plan.currency),
        about=about,
    )
