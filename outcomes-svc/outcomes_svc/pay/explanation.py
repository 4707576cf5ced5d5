"""A statement in words and worked figures, for the page and the PDF. Pure: from the bytes' content to text.

Nothing is computed here but percentages and signs: every figure is one of the statement's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from outcomes_svc.pay.spelling import day_name, money, month_name, percent, percent_reached, reached, short, signed
from outcomes_svc.pay.words import CAUSES, EXCLUSIONS, GATES, NOT_COUNTED, PER, SETTINGS, SHARES

DISPUTED_UNTIL = timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """A line for a reader: what it is, how it came about, what it comes to."""

    title: str
    detail: str
    amount: str


@dataclass(frozen=True)
class GateWords:
    """A gate in words."""

    text: str
    passed: bool


@dataclass(frozen=True)
class Explanation:
    """Everything that the page and the PDF say, in the order in which they say it."""

    month: str
    total: str
    issued: str
    dispute_until: str
    sums: tuple[Row, ...]
    shadow: bool
    results: tuple[str, ...]
    working: tuple[Row, ...]
    gates: tuple[GateWords, ...]
    sessions: tuple[Row, ...]
    beside: tuple[Row, ...]
    corrections: tuple[Row, ...]
    counted: tuple[Row, ...]
    not_counted: tuple[Row, ...]
    facts: tuple[tuple[str, str], ...]


def explain(document: dict[str, Any]) -> Explanation:
    """A statement's explanation; `document` is its parsed bytes."""
    content = document["content"]
    inputs, currency = content["inputs"], content["inputs"]["plan"]["currency"]
    issued = datetime.fromisoformat(inputs["issued_at"])
    lines, episodes = content["lines"], (inputs["outcome"] or {}).get("episodes", [])
    return Explanation(
        month=month_name(inputs["month"]),
        total=money(content["sums"]["total"], currency),
        issued=day_name(issued.date()),
        dispute_until=day_name((issued + DISPUTED_UNTIL).date()),
        sums=_sums(content, currency),
        shadow=bool(content["outcome"] and content["outcome"]["shadow"]),
        results=_results(content, currency),
        working=_working(content, currency),
        gates=_gates(content),
        sessions=tuple(_line(line, currency) for line in lines if line["section"] == "sessions"),
        beside=tuple(_line(line, currency) for line in lines if line["section"] != "sessions"),
        corrections=tuple(_correction(line, currency) for line in inputs["corrections"]),
        counted=tuple(_episode(each) for each in episodes if each["outcome"] == "counted"),
        not_counted=tuple(_uncounted(each) for each in episodes if each["outcome"] != "counted"),
        facts=_facts(document),
    )


def _sums(content: dict[str, Any], currency: str) -> tuple[Row, ...]:
    sums, share = content["sums"], content["outcome"]
    number = sum(line["section"] == "sessions" for line in content["lines"])
    rows = [Row("Sessions", "1 session" if number == 1 else f"{number} sessions", money(sums["sessions"], currency))]
    for name, title in (("hours", "Hours"), ("travel", "Travel")):
        if Decimal(sums[name]):
            rows.append(Row(title, "", money(sums[name], currency)))
    if share:
        detail = "shown this year, not paid yet" if share["shadow"] else f"{percent(share['rate'])} of session pay"
        rows.append(Row("For results", detail, money(sums["outcome"], currency)))
    if content["inputs"]["corrections"]:
        rows.append(Row("Corrections", "of earlier months", money(sums["corrections"], currency)))
    return tuple(rows)


def _results(content: dict[str, Any], currency: str) -> tuple[str, ...]:
    figures, share = content["inputs"]["outcome"], content["outcome"]
    if share is None:
        return ("Your pay plan has no part for results.",)
    if figures["basis"] == "no_model":
        return ("There is no published prediction for this year yet, so there is no part for results this month.",)
    if figures["basis"] == "no_results":
        return ("No episode of care in the period could be judged yet, so there is no part for results this month.",)
    worth = money(share["amount"], currency)
    since, until = (day_name(date.fromisoformat(figures[name])) for name in ("opened_from", "opened_until"))
    said = [
        f"The figures rest on episodes of care that began from {since} and before {until}. What patients answered at"
        " the end is held against what was to be expected of them at the beginning. Hard cases are expected to change"
        " less, so they cost nobody anything.",
    ]
    said.append(_distances(figures))
    if share["individual"]:
        said.append("Your own results count beside those of the practice.")
    else:
        said.append(
            "Your own results did not count this month, because not every condition below is met."
            " You get the practice's share."
        )
    if share["shadow"]:
        said.append(f"This is the trial period: the part is worked out and shown, {worth}, and not paid.")
    elif Decimal(share["rate"]) == 0:
        said.append("Results were not above what was expected, so nothing is added. Nothing is ever taken away.")
    return tuple(said)


def _distances(figures: dict[str, Any]) -> str:
    practice = Decimal(figures["practice_effect"])
    text = f"The practice's patients did {_beside(practice)} than expected"
    if figures["therapist"] is None:
        return f"{text}, in standard deviations."
    own = Decimal(figures["therapist"]["effect"])
    return f"{text}, and yours {_beside(own)} than the practice's; both in standard deviations."


def _beside(effect: Decimal) -> str:
    return f"{short(str(abs(effect)))} {'worse' if effect < 0 else 'better'}"


def _working(content: dict[str, Any], currency: str) -> tuple[Row, ...]:
    figures, share, part = content["inputs"]["outcome"], content["outcome"], content["inputs"]["plan"]["outcome"]
    if share is None or figures["basis"] != "assessed":
        return ()
    own = figures["therapist"]["effect"] if share["individual"] else "0"
    top = percent(part["max_share"])
    sum_ = Decimal(share["practice_part"]) + Decimal(share["therapist_part"])
    return (
        Row("The practice", f"{part['practice_weight']} × {figures['practice_effect']}", share["practice_part"]),
        Row("You", f"{part['therapist_weight']} × {own}", share["therapist_part"]),
        Row("Together", f"{share['practice_part']} + {share['therapist_part']}", str(sum_)),
        Row(
            "Share of session pay",
            f"{part['max_share']} × {sum_} / {part['full_effect']}, never below 0 % or above {top}",
            percent(share["rate"]),
        ),
        Row(
            "For results",
            f"{money(share['base'], currency)} × {percent(share['rate'])}",
            money(share["amount"], currency),
        ),
    )


def _gates(content: dict[str, Any]) -> tuple[GateWords, ...]:
    figures, share = content["inputs"]["outcome"], content["outcome"]
    if share is None or figures["basis"] != "assessed":
        return ()
    if figures["therapist"] is None:
        return (GateWords("You have no episode of care in the period.", False),)
    found = []
    for gate in figures["therapist"]["gates"]:
        shown = percent_reached if gate["name"] in SHARES else reached
        value, needed = shown(gate["value"]), shown(gate["needed"])
        text = GATES.get(gate["name"], f"{gate['name']}: {{value}}, at least {{needed}} is needed.")
        found.append(GateWords(text.format(value=value, needed=needed), gate["passed"]))
    return tuple(found)


def _line(line: dict[str, Any], currency: str) -> Row:
    about, per = line["about"], PER.get(line["per"], line["per"])
    worked = f"{_quantity(line)} {per} × {money(line['rate'], currency)}"
    if line["section"] == "sessions":
        where = SETTINGS.get(about["setting"], about["setting"])
        title = f"{day_name(date.fromisoformat(line['date']))}, {where}"
        return Row(title, f"{about['treated_minutes']} minutes: {worked}", money(line["amount"], currency))
    return Row(day_name(date.fromisoformat(line["date"])), worked, money(line["amount"], currency))


def _quantity(line: dict[str, Any]) -> str:
    """What the rate is multiplied by: a fraction where two places would not give the amount."""
    quantity, whole = Decimal(line["quantity"]), {"hour": 60, "unit": 15}.get(line["per"])
    if line["section"] != "sessions" or quantity == quantity.to_integral_value() or whole is None:
        return f"{quantity.normalize():f}"
    return f"{line['about']['treated_minutes']}/{whole}"


def _correction(line: dict[str, Any], currency: str) -> Row:
    cause = CAUSES.get(line["cause"], line["cause"])
    what = line["key"].partition(":")[2] or "results"
    detail = f"{what}: {money(line['before'], currency)} before, {money(line['after'], currency)} now"
    return Row(f"{month_name(line['month'])}: {cause}", detail, money(line["difference"], currency))


def _episode(each: dict[str, Any]) -> Row:
    began = day_name(date.fromisoformat(each["opened_on"]))
    detail = f"changed {signed(each['change'])}, expected {signed(each['predicted'])}, weight {short(each['weight'])}"
    return Row(f"{each['instrument']}, began {began}", detail, signed(each["residual"]))


def _uncounted(each: dict[str, Any]) -> Row:
    began = day_name(date.fromisoformat(each["opened_on"]))
    reasons = [EXCLUSIONS.get(reason, reason.replace("_", " ")) for reason in each["excluded"]]
    reasons = reasons or [NOT_COUNTED.get(each["outcome"], each["outcome"].replace("_", " "))]
    return Row(f"{each['instrument']}, began {began}", "; ".join(reasons), "")


def _facts(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    inputs = document["content"]["inputs"]
    model = (inputs["outcome"] or {}).get("model_version")
    return (
        ("Statement", f"number {inputs['sequence']} of therapist {inputs['therapist']}"),
        ("Pay plan", f"version {inputs['plan']['version']}, month in {inputs['plan']['time_zone']}"),
        ("Prediction model", model or "none"),
        ("SHA-256", document["sha256"]),
        ("SHA-256 of the one before", inputs["previous"] or "none, this is the first"),
    )
