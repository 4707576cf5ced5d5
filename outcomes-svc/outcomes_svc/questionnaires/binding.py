"""Which questions of a form are which items of instruments, and whether their answers fit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fascia.problem import FieldError
from outcomes_svc.instruments.instrument import Instrument, Item
from outcomes_svc.questionnaires.answers import Unusable, read_answers
from outcomes_svc.questionnaires.codes import CodeTable, Target
from outcomes_svc.questionnaires.fhir import FhirItem, FhirQuestionnaire, QuestionnaireRefused
from outcomes_svc.questionnaires.wording import ItemWording


@dataclass(frozen=True)
class BoundInstrument:
    """An instrument whose every item has a question in the form; optional parts may be missing as a whole."""

    instrument: Instrument
    items: tuple[ItemWording, ...]


@dataclass(frozen=True)
class Incomplete:
    """An instrument that the form has questions of, but not all."""

    instrument: str
    link_ids: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Unbound:
    """A question that is no item of an instrument that can be asked with this form."""

    link_id: str
    reason: str


@dataclass(frozen=True)
class Binding:
    """What a form is good for. Every question is in `bound` or in `unbound`."""

    bound: tuple[BoundInstrument, ...]
    incomplete: tuple[Incomplete, ...]
    unbound: tuple[Unbound, ...]


def bind(
    form: FhirQuestionnaire,
    instruments: Sequence[Instrument],
    codes: CodeTable,
    mapping: Mapping[str, frozenset[Target]],
) -> Binding:
    """Bind a form to instruments by code, and by `mapping` (linkId to items) where that says so.

    Raises QuestionnaireRefused where a question cannot serve as the item that it is bound to, where two questions are
    bound to one item, or where `mapping` leaves an instrument incomplete or names what is not there.
    """
    by_id = {instrument.id: instrument for instrument in instruments}
    faults = list(_mapping_faults(form, by_id, mapping))
    places = _places(form, codes, mapping)
    faults += _doubled(places)
    bound: list[BoundInstrument] = []
    incomplete: list[Incomplete] = []
    for id_ in sorted({target.instrument for target in places} & by_id.keys()):
        instrument = by_id[id_]
        questions = {target.item: found for target, found in places.items() if target.instrument == id_}
        first = {code: found[0] for code, found in questions.items()}
        missing = tuple(item.code for item in _needed(instrument) if item.code not in first)
        if missing:
            incomplete.append(Incomplete(id_, tuple(question.link_id for question in first.values()), missing))
        else:
            bound.append(_worded(instrument, _whole_parts(instrument, first), codes, faults))
    asked_for = {target.instrument for targets in mapping.values() for target in targets}
    faults += [_left_incomplete(each) for each in incomplete if each.instrument in asked_for]
    if faults:
        raise QuestionnaireRefused(faults)
    return Binding(tuple(bound), tuple(incomplete), tuple(_unbound(form, bound, incomplete)))


def _places(
    form: FhirQuestionnaire, codes: CodeTable, mapping: Mapping[str, frozenset[Target]]
) -> dict[Target, list[FhirItem]]:
    found: dict[Target, list[FhirItem]] = {}
    for question in form.items:
        # What the practice says of a question goes before what its codes say.
        for target in mapping.get(question.link_id) or codes.targets(question.codes):
            found.setdefault(target, []).append(question)
    return found


def _worded(
    instrument: Instrument, questions: Mapping[str, FhirItem], codes: CodeTable, faults: list[FieldError]
) -> BoundInstrument:
    items = []
    for item in instrument.items_of(questions):
        question = questions[item.code]
        what = f"{instrument.id} item {item.code}"
        answers = read_answers(question, item, codes.scores(Target(instrument.id, item.code)))
        if isinstance(answers, Unusable):
            place = f"{question.path} (linkId {question.link_id[:80]})"
            faults.append(FieldError(place, f"It cannot serve as {what}: {answers.message}", answers.fix))
            continue
        if not question.text:
            faults.append(FieldError(f"{question.path}.text", f"It is {what} and has no text.", "Add its wording."))
        items.append(
            ItemWording(
                code=item.code,
                link_id=question.link_id,
                text=question.text,
                lead=question.lead,
                options=answers,
                lowest_label=question.lowest_label,
                highest_label=question.highest_label,
            )
        )
    return BoundInstrument(instrument, tuple(items))


def _needed(instrument: Instrument) -> tuple[Item, ...]:
    """The items without which an instrument cannot be asked: all but those of optional parts."""
    optional = {code for part in instrument.parts if part.optional for code in part.items}
    return tuple(item for item in instrument.items if item.code not in optional)


def _whole_parts(instrument: Instrument, questions: Mapping[str, FhirItem]) -> dict[str, FhirItem]:
    """The questions without those of an optional part that is not there as a whole."""
    broken = [part for part in instrument.parts if part.optional and not set(part.items) <= questions.keys()]
    left_out = {code for part in broken for code in part.items}
    return {code: question for code, question in questions.items() if code not in left_out}


def _mapping_faults(
    form: FhirQuestionnaire, by_id: Mapping[str, Instrument], mapping: Mapping[str, frozenset[Target]]
) -> Iterable[FieldError]:
    for link_id, targets in mapping.items():
        if form.item(link_id) is None:
            fix = "Name the linkId of a question (not of a group) that is in the resource."
            yield FieldError("map", f"There is no question with linkId {link_id[:80]!r}.", fix)
        for target in targets:
            instrument = by_id.get(target.instrument)
            if instrument is None:
                fix = f"Use one of: {', '.join(sorted(by_id))}."
                yield FieldError("map", f"There is no instrument {target.instrument[:80]!r}.", fix)
            elif not instrument.items_of((target.item,)):
                fix = f"Its items are {', '.join(item.code for item in instrument.items)}."
                yield FieldError("map", f"{instrument.id} has no item {target.item[:80]!r}.", fix)


def _doubled(places: Mapping[Target, list[FhirItem]]) -> Iterable[FieldError]:
    for target, questions in places.items():
        if len(questions) > 1:
            both = ", ".join(question.link_id[:80] for question in questions)
            message = f"{target.instrument} item {target.item} has several questions: {both}."
            yield FieldError(questions[1].path, message, "Leave its code on one of them only.")


def _left_incomplete(found: Incomplete) -> FieldError:
    message = f"{found.instrument} is not complete: {', '.join(found.missing)} have no question."
    return FieldError("map", message, "Map a linkId to each of them, or map none of the instrument.")


def _unbound(
    form: FhirQuestionnaire, bound: Iterable[BoundInstrument], incomplete: Iterable[Incomplete]
) -> Iterable[Unbound]:
    taken = {item.link_id for each in bound for item in each.items}
    for question in form.items:
        if question.link_id in taken:
            continue
        parts = [each for each in incomplete if question.link_id in each.link_ids]
        if parts:
            missing = "; ".join(f"{each.instrument}, which lacks {', '.join(each.missing)}" for each in parts)
            yield Unbound(question.link_id, f"It belongs to {missing}.")
        else:
            yield Unbound(question.link_id, "None of its codes stands for an item of an instrument.")
