"""How a patient is reached: phone, mail and postal address in one canonical form, or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fascia.problem import RuleViolation

# ITU-T E.164: a plus sign and at most 15 digits, the first of them not zero.
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_PUNCTUATION = re.compile(r"[\s().\-/]")
_EXTENSION = re.compile(r"(?:ext\.?|x|#)\s*\d+$", re.IGNORECASE)
# Deliberately loose (RFC 5321 lengths, one @, a dotted domain): whether mail arrives is only known by sending it.
_EMAIL = re.compile(r"[^\s@\"<>,;]{1,64}@(?=.{4,255}$)[^\s@.\"<>,;]+(?:\.[^\s@.\"<>,;]+)+")
_POSTAL_CODE_US = re.compile(r"\d{5}(?:-\d{4})?")


@dataclass(frozen=True)
class Coordinates:
    """WGS 84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Address:
    """A postal address. `state` is a two-letter code in the US; `coordinates` is None where it was not placed."""

    line: str
    city: str
    state: str
    postal_code: str
    country: str
    coordinates: Coordinates | None = None


@dataclass(frozen=True)
class ContactConsent:
    """Which channels the patient agreed to be messaged on. Nothing is assumed."""

    sms: bool = False
    email: bool = False


def normalised_phone(text: str, field: str = "phone", country: str = "US") -> str:
    """A phone number as E.164, e.g. +16175550123; raises RuleViolation.

    A number without a plus sign is read as one of the North American Numbering Plan when `country` is US or CA. Its
    area code is checked, its exchange is not: records of test systems use exchanges that the plan does not assign.
    """
    if _EXTENSION.search(text):
        raise _no_phone(field, "A phone number with an extension cannot be messaged.", "Leave the extension out.")
    digits = _PUNCTUATION.sub("", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        digits = _from_national(digits, field, country)
    if not _E164.fullmatch(digits):
        raise _no_phone(field, "This is not a phone number.", "Send it as +, country code and number: +16175550123.")
    if digits.startswith("+1") and not re.fullmatch(r"\+1[2-9]\d{9}", digits):
        raise _no_phone(
            field, "A North American number has 10 digits and an area code from 200 on.", "For example +16175550123."
        )
    return digits


def _from_national(digits: str, field: str, country: str) -> str:
    if country not in ("US", "CA"):
        raise _no_phone(field, f"A number from {country} needs its country code.", "For example +442071234567.")
    if re.fullmatch(r"1\d{10}", digits):
        return "+" + digits
    if re.fullmatch(r"\d{10}", digits):
        return "+1" + digits
    raise _no_phone(
        field, "A US phone number has 10 digits.", "Send the area code too, for example +16175550123 or 617-555-0123."
    )


def _no_phone(field: str, detail: str, fix: str) -> RuleViolation:
    return RuleViolation("invalid-phone", detail, field, fix)


def normalised_email(text: str, field: str = "email") -> str:
    """A mail address with its domain in lower case; raises RuleViolation."""
    text = text.strip()
    if not _EMAIL.fullmatch(text) or ".." in text:
        raise RuleViolation("invalid-email", "This is not a mail address.", field, "For example ada@example.org.")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def checked_address(address: Address, field: str = "address") -> Address:
    """The address with its country and US state as codes; raises RuleViolation."""
    country = address.country.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise RuleViolation(
            "invalid-country", "The country is not an ISO 3166-1 code.", f"{field}.country", "Two letters, such as US."
        )
    state = address.state.strip()
    if country == "US":
        state = state.upper()
        if not re.fullmatch(r"[A-Z]{2}", state):
            raise RuleViolation(
                "invalid-state", "The state is not a two-letter code.", f"{field}.state", "Two letters, such as MA."
            )
        if address.postal_code and not _POSTAL_CODE_US.fullmatch(address.postal_code.strip()):
            raise RuleViolation(
                "invalid-postal-code",
                "A US ZIP code has five digits, or five and four.",
                f"{field}.postal_code",
                "For example 02139 or 02139-4307.",
            )
    return Address(
        address.line.strip(), address.city.strip(), state, address.postal_code.strip(), country, address.coordinates
    )
