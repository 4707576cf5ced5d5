"""A family's page of docs/instruments, written from the data that scores. Pure.

python -m outcomes_svc.instruments --to docs/instruments
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby

from outcomes_svc.instruments.families import FAMILIES, Family
from outcomes_svc.instruments.instrument import Fact, Instrument, Item, Rule

_NOTE = "<!-- Written by python -m outcomes_svc.instruments; change the data, not this page. -->"


def reference_pages(instruments: Sequence[Instrument]) -> dict[str, str]:
    """The text of each page by its file name, with an index."""
    by_family = {family.id: [known for known in instruments if known.family == family.id] for family in FAMILIES}
    pages = {f"{family.id}.md": family_page(family, by_family[family.id]) for family in FAMILIES}
    return {"README.md": _index(by_family), **pages}


def family_page(family: Family, instruments: Sequence[Instrument]) -> str:
    """One page: what to know, each instrument in figures, and where each fact comes from."""
    sections = [f"# {family.title}", _NOTE, *family.about]
    for instrument in instruments:
        sections += [f"## {instrument.name}", _table(("", ""), _rows(instrument)), *_parts(instrument)]
        sections.append(_items(instrument.items))
    sections += ["## Where each fact comes from", _sources(instruments)]
    return "\n\n".join(sections) + "\n"


def _index(by_family: dict[str, list[Instrument]]) -> str:
    rows = [
        (f"[{family.title}]({family.id}.md)", ", ".join(known.id for known in by_family[family.id]))
        for family in FAMILIES
    ]
    return "\n\n".join(("# Instruments", _NOTE, *_INDEX, _table(("page", "instruments"), rows))) + "\n"


_INDEX = (
    "What can be measured, how it is scored, and where each fact comes from. The pages are written from the data files "
    "that score (`outcomes_svc/instruments/data`); `GET /v1/instruments` says the same.",
    "Evidence is `seen` (read in the source that is named), `own` (a choice of this project) or `recalled` (not "
    "confirmed). What is merely recalled decides no score and no judgement: such a file stops the service at its "
    "start.",
    "Wording that is not this project's own does not ship. A practice imports it as a FHIR Questionnaire, which is "
    "bound to the items by LOINC or item code; instruments that need a licence are scored once the practice has "
    "recorded one.",
    "`fascia score check FILE...` scores anybody's vectors with what ships, prints each score that differs with both "
    "values, and exits 1 if any does. A file is a JSON object with a list `vectors`; each has `instrument`, `label`, "
    "`answers` (item to number) and `expected` (`value`, `standard_error`, `band` or the code of a part, to a number, "
    "a text, or null for no score). Instruments go by their ids here, items also by their LOINC codes; the names of "
    "awell-score and of the HL7 example are understood too. Numbers are compared at two decimals, or at as many as "
    "are given.",
    "To add an instrument, add its file; to change how one is scored, add a file with the next version: scores keep "
    "the version that they were made with, and two versions are never compared. The service says at its start what is "
    "wrong with a file.",
)


def _rows(instrument: Instrument) -> list[tuple[str, str]]:
    rows = [
        ("id, version", f"`{instrument.id}`, {instrument.version}"),
        ("measures", instrument.use),
        ("period", instrument.recall),
        ("score", f"{instrument.rule_name}; {instrument.better} is better"),
        ("missing items", _MISSING[instrument.missing.value]),
        ("important change", _important(instrument)),
        ("detectable change", _detectable(instrument)),
        ("standard error", _error(instrument)),
        ("bands", "; ".join(_bands(instrument)) or "none"),
        ("LOINC", ", ".join(f"{code} ({name})" for name, code in instrument.loinc.items()) or "none known"),
        ("licence", instrument.licence + ("; the practice records its own" if instrument.licence_required else "")),
        ("wording", "this project's own" if instrument.wording_shipped else "imported by the practice"),
    ]
    if instrument.never_paid:
        rows.append(("pay", "never"))
    return rows


_MISSING = {
    "require_all": "no score unless every item is answered",
    "rated_only": "the items that were rated count; without any there is no score",
    "at_least": "no score with fewer answers than the rule names",
    "unticked_is_no": "what is not ticked is a no; without any answer there is no score",
}


def _important(instrument: Instrument) -> str:
    if instrument.mic is None:
        return "not judged"
    share = instrument.mic.relative
    return f"{_plain(instrument.mic.absolute)} points" + (
        f", or {_plain(100 * share)} % of the baseline" if share else ""
    )


def _detectable(instrument: Instrument) -> str:
    if instrument.mdc is None:
        return "none known"
    single = instrument.mdc.single_item
    return f"{_plain(instrument.mdc.score)} points" + (
        f"; {_plain(single)} where one item is compared" if single else ""
    )


def _error(instrument: Instrument) -> str:
    if instrument.table:
        errors = [row.standard_error for row in instrument.table_rows]
        return f"{_plain(min(errors))} to {_plain(max(errors))} points, by the table"
    return f"{_plain(instrument.standard_error)} points" if instrument.standard_error is not None else "none known"


def _bands(instrument: Instrument) -> list[str]:
    return [f"{'from' if band.inclusive else 'above'} {_plain(band.start)} {band.label}" for band in instrument.bands]


def _parts(instrument: Instrument) -> Iterable[str]:
    for part in instrument.parts:
        leave = "may be left out as a whole" if part.optional else "needed"
        change = f"; important change {_plain(part.mic)} points" if part.mic is not None else ""
        rule = "mean" if part.rule is Rule.MEAN else "(mean - 1) x 25"
        yield f"Also: {part.name} (`{part.code}`), {rule} of {len(part.items)} items, {leave}{change}."
    for domain in instrument.domains:
        yield (
            f"Domain `{domain.code}`: sum of {len(domain.items)} items, divided by {domain.divisor}; at least "
            f"{domain.minimum_answered} answered."
        )


def _items(items: Sequence[Item]) -> str:
    """Items that differ in nothing but their number are one row."""
    rows = []
    for _, group in groupby(items, key=_alike):
        alike = list(group)
        first, last = alike[0], alike[-1]
        codes = f"`{first.code}`" if first is last else f"`{first.code}` to `{last.code}`"
        counts = "itself" if first.points is None else ", ".join(map(str, first.points))
        rows.append((codes, first.loinc or "", f"{first.lowest} to {first.highest}", counts))
    return _table(("item", "LOINC", "answers", "counts"), rows)


def _alike(item: Item) -> tuple[object, ...]:
    stem, _, number = item.code.rpartition("_")
    return (stem if number.isdigit() else item.code), item.loinc, item.lowest, item.highest, item.points


def _sources(instruments: Sequence[Instrument]) -> str:
    """A fact that several instruments share is said once."""
    shared: dict[Fact, list[str]] = {}
    for instrument in instruments:
        for fact in instrument.facts:
            shared.setdefault(fact, []).append(instrument.id)
    rows = [
        (
            "all" if len(ids) == len(instruments) else ", ".join(ids),
            ", ".join(fact.about),
            fact.statement,
            fact.evidence,
            fact.source,
        )
        for fact, ids in shared.items()
    ]
    return _table(("of", "about", "statement", "evidence", "source"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"
