"""What was seen, in words that accuse nobody, and what may explain it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from outcomes_svc.gaming.finding import EvidenceRow, Finding
from outcomes_svc.gaming.kinds import Sign

CLOSING = "This is worth a look and decides nothing: pay does not change by it."

_SEEN: Mapping[Sign, str] = {
    Sign.BASELINE_ABOVE_PREDICTED: (
        "Baselines of {cases} episodes are on average {value:.2f} standard deviations worse than the patients' case-mix"
        " leads to expect; {expected:.2f} would be usual among colleagues."
    ),
    Sign.HARD_CASES_NOT_BEGUN: (
        "Of {cases} evaluated people in the harder half, {share} did not begin treatment or did not come back after one"
        " session; {usual} would be usual among colleagues."
    ),
    Sign.SLOW_COURSES_WITHOUT_END: (
        "Of {cases} courses that stood among the slowest third in the middle, {share} have no end score; {usual} would"
        " be usual among colleagues."
    ),
    Sign.NEW_CONDITION_AFTER_SLOW_COURSE: (
        "Of {cases} courses that stood among the slowest third in the middle, {share} were followed within 60 days by"
        " an episode for another condition; {usual} would be usual among colleagues."
    ),
    Sign.IRREGULAR_BASELINE: (
        "Of {cases} episodes, {share} have an unusual baseline (a stand-in instrument, a request for another"
        " instrument, or more than one baseline answer); {usual} would be usual among colleagues."
    ),
    Sign.ENDED_AT_PEAK: (
        "Of {cases} ends, {share} are early answers around a discharge and the best score of their course; {usual}"
        " would be usual among colleagues."
    ),
    Sign.ENDS_JUST_IMPROVED: (
        "Of {cases} changes close to the important one, {share} just reach it; {usual} would be usual among colleagues."
    ),
    Sign.ENDS_AT_BEST_SCORE: (
        "Of {cases} ends, {share} are the best score there is; {usual} would be usual among colleagues."
    ),
    Sign.SAME_ANSWER_THROUGHOUT: (
        "Of {cases} last questionnaires, {share} have the same answer to every question; {usual} would be usual among"
        " colleagues."
    ),
    Sign.ANSWERED_FAST: (
        "Of {cases} last questionnaires, {share} took under two seconds a question; {usual} would be usual among"
        " colleagues."
    ),
    Sign.ANSWERED_DURING_VISIT: (
        "Of {cases} last questionnaires, {share} were answered while a session was going on; {usual} would be usual"
        " among colleagues."
    ),
    Sign.SEVERAL_SIGNS_AT_ONCE: (
        "Of {cases} last questionnaires, {share} show two or more of: change just important, one answer throughout,"
        " under two seconds a question, during a session; {usual} would be usual among colleagues."
    ),
}

_MAY_EXPLAIN: Mapping[Sign, str] = {
    Sign.BASELINE_ABOVE_PREDICTED: "A referrer who sends patients in a flare, or only the gravest, looks the same.",
    Sign.HARD_CASES_NOT_BEGUN: (
        "A missing prior authorisation, a red flag that needs clearance first, or work that colleagues are trained for"
        " and this therapist is not, looks the same."
    ),
    Sign.SLOW_COURSES_WITHOUT_END: (
        "Patients without a telephone or who move away, or one wrong address book, look the same: read the delivery of"
        " the requests first."
    ),
    Sign.NEW_CONDITION_AFTER_SLOW_COURSE: "A diagnosis that turned out to be another one looks the same.",
    Sign.IRREGULAR_BASELINE: "Conditions for which the practice has no fitting licence look the same.",
    Sign.ENDED_AT_PEAK: "Patients who recover early and are discharged because they have look the same.",
    Sign.ENDS_JUST_IMPROVED: "Short scales have few steps, and one of them is the important change.",
    Sign.ENDS_AT_BEST_SCORE: "Patients with mild complaints who are well again look the same.",
    Sign.SAME_ANSWER_THROUGHOUT: "Patients who are equally well in everything look the same.",
    Sign.ANSWERED_FAST: "Patients who know the questions by heart are fast.",
    Sign.ANSWERED_DURING_VISIT: "Patients without a device of their own, who are helped in the room, look the same.",
    Sign.SEVERAL_SIGNS_AT_ONCE: "Patients without a device of their own, who are helped in the room, look the same.",
}

_AMOUNT: Mapping[Sign, str] = {
    Sign.BASELINE_ABOVE_PREDICTED: "the baseline is {amount:.2f} standard deviations worse than expected",
    Sign.HARD_CASES_NOT_BEGUN: "difficulty {amount:+.2f} standard deviations; not begun",
    Sign.SLOW_COURSES_WITHOUT_END: "{amount:+.2f} standard deviations of progress in the middle; no end",
    Sign.NEW_CONDITION_AFTER_SLOW_COURSE: (
        "{amount:+.2f} standard deviations of progress in the middle; followed by another condition"
    ),
    Sign.IRREGULAR_BASELINE: "an unusual baseline",
    Sign.ENDED_AT_PEAK: "ended on day {amount:.0f} at the best score of the course",
    Sign.ENDS_JUST_IMPROVED: "a change of {amount:.1f} points",
    Sign.ENDS_AT_BEST_SCORE: "the best score, after a change of {amount:.1f} points",
    Sign.SAME_ANSWER_THROUGHOUT: "one answer throughout; a change of {amount:.1f} points",
    Sign.ANSWERED_FAST: "{amount:.1f} seconds a question",
    Sign.ANSWERED_DURING_VISIT: "answered during a session; a change of {amount:.1f} points",
    Sign.SEVERAL_SIGNS_AT_ONCE: "{amount:.0f} signs at once",
}


def seen(finding: Finding) -> str:
    """The figure in one sentence, beside what is usual."""
    of = f"{finding.hits} ({finding.value:.0%})"
    usual = f"{finding.expected * finding.cases:.1f} ({finding.expected:.0%})"
    return _SEEN[finding.sign].format(
        cases=finding.cases, value=finding.value, expected=finding.expected, share=of, usual=usual
    )


def chance(finding: Finding) -> str:
    """How often as much is seen without any reason."""
    often = f"1 in {round(1 / finding.p):,}" if finding.p >= 1e-4 else "fewer than 1 in 10,000"
    return f"By chance, and because colleagues differ, {often} therapists would show as much."


def may_explain(sign: Sign) -> str:
    """An honest reason to look for first."""
    return _MAY_EXPLAIN[sign]


def row_words(sign: Sign, row: EvidenceRow) -> str:
    """One case in a few words."""
    return _AMOUNT[sign].format(amount=row.amount if row.amount is not None else 0.0)
