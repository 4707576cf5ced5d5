"""Taking in one chunk of NDJSON in one transaction, with bulk inserts; what cannot be used stays out alone."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fascia.problem import RuleViolation
from fascia.store import UnitOfWork
from records_svc.audit import store as trail
from records_svc.chart import store as chart
from records_svc.chart.chart import Allergy, ChartEntry, Condition, MedicationOrder
from records_svc.evaluation import rescreening
from records_svc.imports import chart_mapping, store
from records_svc.imports.fhir import Resource, Unusable, source_id
from records_svc.imports.identity import imported_id
from records_svc.imports.line import Line, LineResult, Outcome, lines_of
from records_svc.imports.patient_mapping import Remarks, details_of
from records_svc.intake.medication_flags import Medication, flags_of
from records_svc.patients import store as patients
from records_svc.patients.patient import Patient, PatientDetails, change, published_state, register
from records_svc.settings import records_settings

_MAPPINGS: dict[str, Callable[[Resource, chart_mapping.IdOf, Remarks], ChartEntry]] = {
    "Condition": chart_mapping.condition_of,
    "MedicationRequest": chart_mapping.medication_of,
    "AllergyIntolerance": chart_mapping.allergy_of,
    "Practitioner": chart_mapping.practitioner_of,
    "Organization": chart_mapping.organization_of,
}
RESOURCE_TYPES = ("Patient", *_MAPPINGS)
# What the source does not know, or what the practice may have corrected, survives a changed line.
_FROM_SOURCE = ("given_name", "family_name", "birth_date", "phone", "email", "address", "language", "deceased")


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A line that could be read: what it says, and a keyed hash of that."""

    line: Line
    id: str
    value: PatientDetails | ChartEntry
    content: str
    remarks: tuple[str, ...]

    def result(self, outcome: Outcome) -> LineResult:
        """What became of it."""
        return LineResult(
            line=self.line.number,
            outcome=outcome,
            resource_type=self.line.resource_type,
            source_id=self.line.source_id,
            id=self.id,
            remarks=self.remarks,
        )


def import_chunk(uow: UnitOfWork, chunk: bytes, first_line: int) -> list[LineResult]:
    """Import the lines of a chunk; the results are in the order of the lines."""
    results: list[LineResult] = []
    incoming: list[Incoming] = []
    for line in lines_of(chunk, first_line):
        if isinstance(line, LineResult):
            results.append(line)
            continue
        try:
            incoming.append(_read(uow, line))
        except Unusable as refusal:
            results.append(line.rejected(refusal))
        except RuleViolation as violation:
            results.append(line.rejected(_as_unusable(violation)))
    results += _apply(uow, _once_each(incoming, results))
    # One event stands for all in the answer's Fascia-Event: hundreds would not fit into a header.
    del uow.published[:-1]
    return sorted(results, key=lambda result: result.line)


def _read(uow: UnitOfWork, line: Line) -> Incoming:
    remarks = Remarks()

    def id_of(resource_type: str, source: str) -> str:
        return imported_id(uow.practice_id, resource_type, source)

    value: PatientDetails | ChartEntry
    if line.resource_type == "Patient":
        id_ = id_of("Patient", source_id(line.resource))
        value = details_of(line.resource, records_settings(uow.settings).default_time_zone, remarks)
        register(value, id_, uow.now, imported=True)  # its rules may refuse the patient
    elif line.resource_type in _MAPPINGS:
        value = _MAPPINGS[line.resource_type](line.resource, id_of, remarks)
        id_ = value.id
    else:
        raise Unusable(
            f"{line.resource_type or 'This'} is not a type that is imported.",
            "resourceType",
            f"Send one of: {', '.join(RESOURCE_TYPES)}.",
        )
    content = uow.keyring.blind_index(json.dumps(asdict(value), sort_keys=True, default=str))
    return Incoming(line=line, id=id_, value=value, content=content, remarks=tuple(remarks.texts))


def _as_unusable(violation: RuleViolation) -> Unusable:
    error = violation.errors[0] if violation.errors else None
    return Unusable(violation.detail, error.field if error else "", error.fix if error else "")


def _once_each(incoming: Iterable[Incoming], results: list[LineResult]) -> list[Incoming]:
    """The first line of each resource; a repetition is unchanged or, when it says something else, refused."""
    first: dict[str, Incoming] = {}
    for item in incoming:
        earlier = first.setdefault(item.id, item)
        if earlier is item:
            continue
        if earlier.content == item.content:
            results.append(item.result(Outcome.UNCHANGED))
        else:
            refusal = Unusable(
                f"Line {earlier.line.number} has the same id and says something else.",
                "id",
                "Keep the right one of the two.",
            )
            results.append(item.line.rejected(refusal))
    return list(first.values())


def _apply(uow: UnitOfWork, incoming: Sequence[Incoming]) -> list[LineResult]:
    known = store.stamps(uow, [item.id for item in incoming])
    results = [item.result(Outcome.UNCHANGED) for item in incoming if known.get(item.id) == item.content]
    pending = [item for item in incoming if known.get(item.id) != item.content]
    details = [item for item in pending if isinstance(item.value, PatientDetails)]
    _add_patients(uow, [item for item in details if item.id not in known])
    refused = _change_patients(uow, [item for item in details if item.id in known])
    details = [item for item in details if item.line.number not in {result.line for result in refused}]
    entries, orphans = _with_known_patients(
        uow, [item for item in pending if not isinstance(item.value, PatientDetails)]
    )
    _add_entries(uow, [item for item in entries if item.id not in known])
    for item in entries:
        if item.id in known and not isinstance(item.value, PatientDetails):
            chart.replace(uow, item.value)
    taken = [*details, *entries]
    _stamp(uow, taken, known)
    _rescreen(uow, taken)
    _audit(uow, taken)
    results += [*orphans, *refused]
    results += [item.result(Outcome.UPDATED if item.id in known else Outcome.CREATED) for item in taken]
    return results


def _add_patients(uow: UnitOfWork, items: Sequence[Incoming]) -> None:
    new: list[Patient] = []
    for item in items:
        assert isinstance(item.value, PatientDetails)
        new.append(register(item.value, item.id, uow.now, imported=True))
    patients.add(uow, *new)
    uow.publish_many("patient.registered", [(published_state(patient), patient.version) for patient in new])


def _change_patients(uow: UnitOfWork, items: Sequence[Incoming]) -> list[LineResult]:
    refused = []
    present = patients.find_many(uow, [item.id for item in items])
    for item in items:
        patient = present[item.id]
        try:
            changed = change(patient, _changes(patient, item.value), uow.now)
        except RuleViolation as violation:
            refused.append(item.line.rejected(_as_unusable(violation)))
            continue
        if changed is not patient:
            patients.replace(uow, changed)
            uow.publish("patient.updated", published_state(changed), sequence=changed.version)
    return refused


def _changes(patient: Patient, value: Any) -> dict[str, Any]:
    changes = {name: getattr(value, name) for name in _FROM_SOURCE}
    if value.sex is not None:
        changes["sex"] = value.sex
    # Consent ends with the number or address that it was given for.
    consent = patient.contact_consent
    changes["contact_consent"] = type(consent)(
        sms=consent.sms and value.phone is not None, email=consent.email and value.email is not None
    )
    return changes


def _with_known_patients(uow: UnitOfWork, items: Sequence[Incoming]) -> tuple[list[Incoming], list[LineResult]]:
    wanted = {id_ for id_ in map(_patient_of, items) if id_ is not None}
    present = patients.present(uow, wanted) if wanted else set()
    usable = [item for item in items if _patient_of(item) is None or _patient_of(item) in present]
    refusal = Unusable("Its patient is not known here.", "subject", "Import the patient first, or leave this line out.")
    orphans = [item.line.rejected(refusal) for item in items if item not in usable]
    return usable, orphans


def _patient_of(item: Incoming) -> str | None:
    value = item.value
    return value.patient_id if isinstance(value, Condition | MedicationOrder | Allergy) else None


def _add_entries(uow: UnitOfWork, items: Sequence[Incoming]) -> None:
    by_kind: dict[type[ChartEntry], list[ChartEntry]] = defaultdict(list)
    for item in items:
        if not isinstance(item.value, PatientDetails):
            by_kind[type(item.value)].append(item.value)
    for kind, entries in by_kind.items():
        chart.add(uow, kind, entries)


def _stamp(uow: UnitOfWork, taken: Sequence[Incoming], known: dict[str, str]) -> None:
    store.add_stamps(uow, {item.id: item.content for item in taken if item.id not in known})
    for item in taken:
        if item.id in known:
            store.change_stamp(uow, item.id, item.content)


def _rescreen(uow: UnitOfWork, taken: Sequence[Incoming]) -> None:
    for item in taken:
        order = item.value
        if isinstance(order, MedicationOrder):
            flags = flags_of([Medication(order.code.code, order.code.display, order.status)])
            if flags:
                rescreening.rescreen(uow, order.patient_id, flags)


def _audit(uow: UnitOfWork, taken: Sequence[Incoming]) -> None:
    """One entry per patient and kind: that is who and what was written, without a row for every line."""
    counts = Counter(
        (item.line.resource_type or "", item.id if isinstance(item.value, PatientDetails) else _patient_of(item))
        for item in taken
    )
    trail.record(
        uow,
        [
            trail.Access("import", resource.lower(), None, patient_id, count)
            for (resource, patient_id), count in counts.items()
        ],
    )
