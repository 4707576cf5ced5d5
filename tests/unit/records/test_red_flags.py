"""What the answers of an intake and the medication mean for treatment."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fascia.problem import Forbidden, RuleViolation
from records_svc.evaluation.clearance import Clearance, rescreened
from records_svc.evaluation.evaluation import Findings, PhysicianClearance, Restrictions, draft, sign
from records_svc.intake.medication_flags import Medication, flags_of
from records_svc.intake.red_flags import Action, RedFlag, Verdict, raised, rules, screening

NOW = datetime(2027, 1, 11, 14, tzinfo=UTC)
TODAY = date(2027, 1, 11)
NECK = Restrictions(("neck",))
CLOT = RedFlag("suspected_clot", Action.REFUSE)
FRACTURE = RedFlag("fracture", Action.AVOID_AREA, areas=("neck",))
BLOOD_THINNER = RedFlag("anticoagulants", Action.CLEARANCE_FIRST)
PERMITTED = (PhysicianClearance("anticoagulants", "Dr. Sample", TODAY),)


def test_each_rule_has_the_action_of_the_table_and_a_source() -> None:
    actions = {code: rule.action for code, rule in rules().items()}
    assert {code for code, action in actions.items() if action is Action.REFUSE} == {
        "suspected_clot",
        "fever",
        "systemic_infection",
    }
    assert {code for code, action in actions.items() if action is Action.AVOID_AREA} == {
        "fracture",
        "open_wound",
        "skin_infection",
        "recent_surgery",
        "tumour",
    }
    assert {code for code, action in actions.items() if action is Action.CLEARANCE_FIRST} == {
        "anticoagulants",
        "low_platelets",
        "active_cancer",
        "clot_history",
    }
    assert all(rule.source for rule in rules().values())


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        ((), Verdict.CLEARED),
        (("fracture",), Verdict.RESTRICTED),
        (("fracture", "clot_history"), Verdict.NEEDS_CLEARANCE),
        (("fracture", "clot_history", "fever"), Verdict.DECLINED),
    ],
)
def test_the_strictest_flag_decides(codes: tuple[str, ...], verdict: Verdict) -> None:
    assert screening(raised({code: code in codes for code in rules()}, {})) is verdict


def test_unknown_and_missing_answers_and_stray_areas_are_refused() -> None:
    complete = dict.fromkeys(rules(), False)
    for answers, areas in (
        ({**complete, "hiccups": True}, {}),
        ({"fever": False}, {}),
        (complete, {"fracture": ["neck"]}),
    ):
        with pytest.raises(RuleViolation):
            raised(answers, areas)


@pytest.mark.parametrize(
    ("rxnorm", "display", "status", "flagged"),
    [
        ("855332", "Warfarin Sodium 5 MG Oral Tablet", "active", True),
        (None, "WARFARIN 2 mg", "active", True),
        ("999", "Eliquis 5 MG Oral Tablet", "on-hold", True),
        ("855332", "Warfarin Sodium 5 MG Oral Tablet", "stopped", False),
        ("310965", "Ibuprofen 200 MG Oral Tablet", "active", False),
    ],
)
def test_anticoagulants_are_known_by_code_or_name(rxnorm: str | None, display: str, status: str, flagged: bool) -> None:
    flags = flags_of([Medication(rxnorm, display, status)])
    assert [(flag.code, flag.origin) for flag in flags] == ([("anticoagulants", "medication")] if flagged else [])


def _sign(result: Verdict, *flags: RedFlag, restrictions: Restrictions = Restrictions(), **more: object) -> None:  # noqa: B008
    content = Findings(condition_codes=("M54.2",), result=result, restrictions=restrictions, **more)  # type: ignore[arg-type]
    drafted = draft(content, evaluation_id="e", patient_id="p", therapist_id="t", now=NOW, today=TODAY)
    sign(drafted, signer="t", flags=flags, now=NOW, today=TODAY)


def test_a_result_may_be_stricter_than_the_flags_but_never_freer() -> None:
    _sign(Verdict.CLEARED)
    _sign(Verdict.DECLINED, CLOT)
    _sign(Verdict.DECLINED, BLOOD_THINNER)
    _sign(Verdict.NEEDS_CLEARANCE, BLOOD_THINNER)
    _sign(Verdict.CLEARED, BLOOD_THINNER, physician_clearances=PERMITTED)
    _sign(Verdict.RESTRICTED, FRACTURE, restrictions=NECK)
    for result, flag, restrictions in (
        (Verdict.NEEDS_CLEARANCE, CLOT, Restrictions()),
        (Verdict.CLEARED, BLOOD_THINNER, Restrictions()),
        (Verdict.RESTRICTED, BLOOD_THINNER, NECK),
        (Verdict.CLEARED, FRACTURE, Restrictions()),
        (Verdict.RESTRICTED, FRACTURE, Restrictions(("leg",))),
    ):
        with pytest.raises(RuleViolation) as refusal:
            _sign(result, flag, restrictions=restrictions)
        assert refusal.value.code == "red-flag-contradicts-result"


def test_a_physicians_clearance_does_not_outweigh_a_refusal() -> None:
    with pytest.raises(RuleViolation):
        _sign(Verdict.CLEARED, BLOOD_THINNER, CLOT, physician_clearances=PERMITTED)


def test_nobody_signs_for_another() -> None:
    content = Findings(condition_codes=("M54.2",), result=Verdict.CLEARED)
    drafted = draft(content, evaluation_id="e", patient_id="p", therapist_id="t", now=NOW, today=TODAY)
    with pytest.raises(Forbidden):
        sign(drafted, signer="u", flags=(), now=NOW, today=TODAY)


def _clearance(verdict: Verdict, *reasons: str) -> Clearance:
    return Clearance(
        patient_id="p",
        version=1,
        verdict=verdict,
        evaluation_id="e",
        reasons=reasons,
        avoid_areas=(),
        avoid_techniques=(),
        home_visits=True,
        effective_at=NOW,
        expires_on=None,
    )


def test_a_new_flag_tightens_a_clearance_and_a_known_one_does_not() -> None:
    before = _clearance(Verdict.CLEARED, "anticoagulants")
    assert rescreened(before, [BLOOD_THINNER], frozenset(before.reasons), NOW) is None
    after = rescreened(before, [BLOOD_THINNER, CLOT], frozenset(before.reasons), NOW)
    assert after is not None
    assert (after.verdict, after.version, after.reasons) == (
        Verdict.DECLINED,
        2,
        ("anticoagulants", "suspected_clot"),
    )


def test_a_flag_with_a_known_area_restricts_and_one_without_needs_clearance() -> None:
    before = _clearance(Verdict.CLEARED)
    known = rescreened(before, [FRACTURE], frozenset(), NOW)
    assert known is not None
    assert (known.verdict, known.avoid_areas) == (Verdict.RESTRICTED, ("neck",))
    unknown = rescreened(before, [RedFlag("fracture", Action.AVOID_AREA)], frozenset(), NOW)
    assert unknown is not None
    assert unknown.verdict is Verdict.NEEDS_CLEARANCE


def test_a_milder_flag_never_loosens_a_clearance() -> None:
    before = _clearance(Verdict.DECLINED, "fever")
    assert rescreened(before, [FRACTURE], frozenset({"fever"}), NOW) is None
