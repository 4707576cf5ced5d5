"""Which days a practice's licences cover, and a history that only grows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fascia.problem import Conflict, RuleViolation
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.instruments.instrument import Instrument
from outcomes_svc.licences.licence import LicenceEntry, Terms, end, licensed, record, standing

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)


def instrument(id_: str) -> Instrument:
    found = shipped().current(id_)
    assert found is not None
    return found


NDI = instrument("NDI")


def terms(reference: str, valid_from: date, valid_until: date | None) -> Terms:
    return Terms(holder="Example Practice", reference=reference, valid_from=valid_from, valid_until=valid_until)


def history(*stated: Terms) -> list[LicenceEntry]:
    kept: list[LicenceEntry] = []
    for each in stated:
        entry = record(kept, "NDI", each, "someone", NOW)
        kept += [entry] if entry else []
    return kept


@pytest.mark.parametrize("id_", ["NDI", "ODI", "QuickDASH", "LEFS", "ISI", "HIT-6"])
def test_instruments_that_belong_to_somebody_need_a_licence(id_: str) -> None:
    assert not licensed(instrument(id_), [], NOW.date())


@pytest.mark.parametrize("id_", ["NPRS", "PEG", "PSFS", "RMDQ", "PHQ-9", "GAD-7"])
def test_free_instruments_need_none(id_: str) -> None:
    assert licensed(instrument(id_), [], NOW.date())


def test_a_licence_holds_on_its_first_and_last_day_and_on_no_other() -> None:
    kept = history(terms("A-1", date(2027, 1, 1), date(2027, 12, 31)))
    assert [licensed(NDI, kept, day) for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31))] == [
        False,
        True,
        True,
    ]
    assert not licensed(NDI, kept, date(2028, 1, 1))
    assert not licensed(instrument("ODI"), kept, date(2027, 6, 1))


def test_a_renewal_stands_beside_what_it_renews() -> None:
    kept = history(terms("A-1", date(2027, 1, 1), date(2027, 12, 31)), terms("A-2", date(2028, 1, 1), None))
    assert all(licensed(NDI, kept, day) for day in (date(2027, 6, 1), date(2028, 6, 1)))


def test_a_correction_replaces_what_was_said_of_the_same_licence_and_stays_in_the_history() -> None:
    kept = history(terms("A-1", date(2026, 1, 1), None), terms("A-1", date(2027, 1, 1), None))
    assert not licensed(NDI, kept, date(2026, 6, 1))
    assert [entry.version for entry in kept] == [1, 2]
    assert [entry.version for entry in standing(kept)] == [2]


def test_saying_the_same_again_adds_nothing() -> None:
    assert len(history(*[terms("A-1", date(2027, 1, 1), None)] * 3)) == 1


def test_ending_leaves_what_was_measured_until_today() -> None:
    kept = history(terms("A-1", date(2027, 1, 1), None), terms("A-2", date(2028, 1, 1), None))
    kept += end(kept, "someone", NOW)
    assert licensed(NDI, kept, NOW.date())
    assert not licensed(NDI, kept, NOW.date() + timedelta(days=1))
    assert not licensed(NDI, kept, date(2028, 6, 1))
    assert [entry.version for entry in kept] == [1, 2, 3, 4]
    with pytest.raises(Conflict):
        end(kept, "someone", NOW)


def test_after_its_end_the_same_licence_can_be_recorded_again() -> None:
    kept = history(terms("A-1", date(2027, 1, 1), None))
    kept += end(kept, "someone", NOW)
    again = record(kept, "NDI", terms("A-1", date(2027, 1, 1), None), "someone", NOW)
    assert again is not None
    assert licensed(NDI, [*kept, again], date(2030, 1, 1))


def test_a_licence_cannot_end_before_it_begins() -> None:
    with pytest.raises(RuleViolation) as refused:
        history(terms("A-1", date(2027, 1, 2), date(2027, 1, 1)))
    assert refused.value.errors[0].field == "valid_until"
