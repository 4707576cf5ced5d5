"""Links that open a phone's own navigation. They are followed by a tap alone and name a place, never a person."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from scheduling_svc.workforce.place import Address


@dataclass(frozen=True)
class Way:
    """A link and what to call it."""

    label: str
    href: str


def ways_to(address: Address) -> tuple[Way, ...]:
    """Links for the apps that phones have. Without coordinates they look for the written address."""
    at = address.coordinates
    written = quote(
        f"{address.line}, {address.city}, {address.state} {address.postal_code}, {address.country}", safe=""
    )
    place = f"{at.latitude:.6f},{at.longitude:.6f}" if at else None
    goal = place or written
    return (
        # RFC 5870; the query is what map apps on Android look for, and makes them set a pin.
        Way("Navigate", f"geo:{place}?q={place}" if place else f"geo:0,0?q={written}"),
        Way("Apple Maps", f"https://maps.apple.com/?daddr={goal}&dirflg=d"),
        Way("Google Maps", f"https://www.google.com/maps/dir/?api=1&destination={goal}"),
    )
