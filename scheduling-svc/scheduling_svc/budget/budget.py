"""The visit budget of a claim: what its prescriptions allow, what is promised, what was used.

Visits are counted per claim and a new referral does not reset them (Washington L&I). A visit is reserved at the hold,
consumed by the signed session and given back at release, expiry or cancellation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from fascia.problem import Conflict, RuleViolation


@dataclass(frozen=True)
class Prescription:
    """What the claim allowed as of one prescription's latest event: number and span are those of the whole claim.

    `version` is the claim's. Both days are included.
    """

    id: str
    version: int
    visits_authorised: int
    starts_on: date
    expires_on: date
    home_visits: bool
    revoked: bool = False

    def covers(self, day: date, mobile: bool) -> bool:
        """Whether it allows a visit on a day, at home or not."""
        return self.starts_on <= day <= self.expires_on and (self.home_visits or not mobile)


@dataclass(frozen=True)
class Reservation:
    """A promised visit; `held_until` is set while it is only held."""

    id: str
    day: date
    mobile: bool
    held_until: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Whether it counts: a hold that ran out does not, even before anybody tidied it away."""
        return self.held_until is None or self.held_until > now


@dataclass(frozen=True)
class Budget:
    """`version` is the stored one, 0: none yet."""

    claim_id: str
    patient_id: str
    version: int = 0
    prescriptions: tuple[Prescription, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    consumed: tuple[str, ...] = ()

    @property
    def current(self) -> Prescription | None:
        """What the claim allows now: the latest word of a prescription that was not revoked, or None."""
        return max((known for known in self.prescriptions if not known.revoked), key=lambda p: p.version, default=None)

    @property
    def authorised(self) -> int:
        """How many visits the claim allows."""
        return self.current.visits_authorised if self.current else 0

    def reserved(self, now: datetime) -> int:
        """How many visits are promised and not signed for yet."""
        return sum(reservation.live(now) for reservation in self.reservations)

    def remaining(self, now: datetime) -> int:
        """How many more may be promised; below zero only where signed sessions went beyond what is allowed."""
        return self.authorised - self.reserved(now) - len(self.consumed)

    def with_prescription(self, prescription: Prescription) -> Budget | None:
        """The newer state, or None when this prescription is known as new or newer."""
        others = []
        for known in self.prescriptions:
            if known.id != prescription.id:
                others.append(known)
            elif known.version >= prescription.version:
                return None
        return self._next(prescriptions=(*others, prescription))

    def with_revoked(self, prescription_id: str, version: int) -> Budget | None:
        """The newer state, or None when newer is known. One that was never heard of is remembered as revoked."""
        known = next((p for p in self.prescriptions if p.id == prescription_id), None)
        if known is not None:
            return self.with_prescription(replace(known, version=version, revoked=True))
        unknown = Prescription(prescription_id, version, 0, date.max, date.max, home_visits=False, revoked=True)
        return self.with_prescription(unknown)

    def reserve(self, wanted: Reservation, now: datetime) -> Budget:
        """Promise a visit; raises Conflict when the claim does not allow it on that day or allows no more."""
        self.require_cover(wanted.day, wanted.mobile)
        self.require_room(now)
        kept = (reservation for reservation in self.reservations if reservation.live(now))
        return self._next(reservations=(*kept, wanted))

    def require_room(self, now: datetime) -> None:
        """Raise Conflict unless one more visit may be promised."""
        if self.remaining(now) < 1:
            raise Conflict(
                "visits-exhausted",
                f"All {self.authorised} visits of the claim are promised or used.",
                "claim_id",
                "Have the prescription extended, or cancel a visit.",
            )

    def require_cover(self, day: date, mobile: bool) -> None:
        """Raise Conflict unless the claim allows a visit on this day, at home or not."""
        current = self.current
        if current is None:
            raise Conflict(
                "not-prescribed",
                "No prescription of the claim is active.",
                "claim_id",
                "Name another claim, or have a prescription verified.",
            )
        if not current.covers(day, mobile=False):
            raise Conflict(
                "not-prescribed",
                f"The claim allows visits from {current.starts_on} to {current.expires_on}, not on {day}.",
                "starts_at",
                "Choose a day in between, or have the prescription extended.",
            )
        if not current.covers(day, mobile):
            raise Conflict(
                "home-visits-not-prescribed",
                "The prescription does not allow visits at home.",
                "setting",
                "Book at a location, or have home visits authorised.",
            )

    def settle(self, id_: str, now: datetime) -> Budget:
        """A held visit is now booked; raises Conflict when its hold ran out."""
        if not any(reservation.id == id_ and reservation.live(now) for reservation in self.reservations):
            raise Conflict("hold-expired", "The hold ran out.", "hold_id", "Ask for offers and hold again.")
        return self._next(
            reservations=tuple(
                replace(reservation, held_until=None) if reservation.id == id_ else reservation
                for reservation in self.reservations
            )
        )

    def release(self, id_: str) -> Budget | None:
        """Give a visit back; None when nothing was reserved under this id."""
        kept = tuple(reservation for reservation in self.reservations if reservation.id != id_)
        return self._next(reservations=kept) if len(kept) < len(self.reservations) else None

    def consume(self, id_: str) -> Budget | None:
        """A session was signed: it counts, also where nothing was reserved, for it took place. None when it counted."""
        if id_ in self.consumed:
            return None
        kept = tuple(reservation for reservation in self.reservations if reservation.id != id_)
        return self._next(reservations=kept, consumed=(*self.consumed, id_))

    def uncovered(self, now: datetime) -> list[str]:
        """Reservations that the claim no longer allows: by day or place, and then the latest ones beyond its number."""
        live = sorted((r for r in self.reservations if r.live(now)), key=lambda r: (r.day, r.id))
        covered = [r for r in live if self.current is not None and self.current.covers(r.day, r.mobile)]
        room = max(0, self.authorised - len(self.consumed))
        kept = {reservation.id for reservation in covered[:room]}
        return [reservation.id for reservation in live if reservation.id not in kept]

    def _next(
        self,
        prescriptions: Iterable[Prescription] | None = None,
        reservations: Iterable[Reservation] | None = None,
        consumed: Iterable[str] | None = None,
    ) -> Budget:
        return replace(
            self,
            prescriptions=self.prescriptions if prescriptions is None else tuple(prescriptions),
            reservations=self.reservations if reservations is None else tuple(reservations),
            consumed=self.consumed if consumed is None else tuple(consumed),
        )


def needs_claim(claim_id: str | None, *, is_treatment: bool, requires_prescription: bool) -> None:
    """Raise RuleViolation where a claim is missing, or named for a visit that no claim counts."""
    if claim_id is None and requires_prescription:
        raise RuleViolation(
            "prescription-required", "This service needs a prescription.", "claim_id", "Name the claim of one."
        )
    if claim_id is not None and not is_treatment:
        raise RuleViolation(
            "evaluation-not-counted", "An evaluation does not use up prescribed visits.", "claim_id", "Leave it out."
        )
