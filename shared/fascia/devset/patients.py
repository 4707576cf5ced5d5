"""Made-up patients for a chain. Phone numbers are from the range reserved for fiction, 555-0100 to 555-0199."""

from __future__ import annotations

import secrets
from typing import Any

_GIVEN = ("Alma", "Bruno", "Celia", "Dario", "Edda", "Femke", "Goran", "Hanne", "Ilse", "Jonas", "Kaja", "Levin")
_FAMILY = ("Ambrose", "Birkeland", "Castellan", "Dunmore", "Eastlake", "Fairweather", "Greenhalgh", "Holloway")
# Public buildings of Greater Boston stand in for homes.
_PLACES = (
    ("700 Boylston St", "Boston", "02116", 42.34945, -71.07825),
    ("449 Broadway", "Cambridge", "02138", 42.37368, -71.11098),
    ("361 Washington St", "Brookline", "02445", 42.33294, -71.11877),
    ("79 Highland Ave", "Somerville", "02143", 42.38640, -71.09690),
)


def new_patient() -> dict[str, Any]:
    """The body of POST /v1/patients, with an address that nobody else has."""
    line, city, postal_code, latitude, longitude = secrets.choice(_PLACES)
    given, family, mark = secrets.choice(_GIVEN), secrets.choice(_FAMILY), secrets.token_hex(4)
    return {
        "given_name": given,
        "family_name": family,
        "sex": secrets.choice(("female", "male")),
        "birth_date": f"19{50 + secrets.randbelow(45)}-0{1 + secrets.randbelow(9)}-1{secrets.randbelow(9)}",
        "phone": f"+1617555{100 + secrets.randbelow(100):04d}",
        "email": f"{given}.{family}.{mark}@example.org".lower(),
        "address": {
            "line": line,
            "city": city,
            "state": "MA",
            "postal_code": postal_code,
            "country": "US",
            "coordinates": {"latitude": latitude, "longitude": longitude},
        },
        "time_zone": "America/New_York",
        "language": "en",
        "contact_consent": {"sms": True, "email": True},
        "door_notes": "Second floor, bell on the left.",
    }
