"""The contracts of the suite: one marshmallow schema per event, listed in one catalogue."""

from fascia.contracts import (
    appointment,
    clearance,
    message,
    outcome,
    patient,
    pay,
    prescription,
    progress,
    route,
    session,
    therapist,
    visit,
)
from fascia.contracts.catalogue import CATALOGUE, Contract, UnknownEventType, contract, topics
from fascia.contracts.event_schema import EventSchema

__all__ = [
    "CATALOGUE",
    "Contract",
    "EventSchema",
    "UnknownEventType",
    "appointment",
    "clearance",
    "contract",
    "message",
    "outcome",
    "patient",
    "pay",
    "prescription",
    "progress",
    "route",
    "session",
    "therapist",
    "topics",
    "visit",
]
