"""What is looked for. Pure. The names are of patterns in figures, not of what anybody meant by them."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The six patterns; sources and formulas stand in the module of each and in docs/gaming-watch.md."""

    HIGH_BASELINES = "high_baselines"
    SELECTED_INTAKE = "selected_intake"
    MISSING_ENDS = "missing_ends"
    INSTRUMENT_CHOICE = "instrument_choice"
    EARLY_ENDS = "early_ends"
    UNUSUAL_ANSWERS = "unusual_answers"


class Sign(StrEnum):
    """The figures behind the kinds: most kinds have one, the last two kinds of signs are several."""

    BASELINE_ABOVE_PREDICTED = "baseline_above_predicted"
    HARD_CASES_NOT_BEGUN = "hard_cases_not_begun"
    SLOW_COURSES_WITHOUT_END = "slow_courses_without_end"
    NEW_CONDITION_AFTER_SLOW_COURSE = "new_condition_after_slow_course"
    IRREGULAR_BASELINE = "irregular_baseline"
    ENDED_AT_PEAK = "ended_at_peak"
    ENDS_JUST_IMPROVED = "ends_just_improved"
    SAME_ANSWER_THROUGHOUT = "same_answer_throughout"
    ANSWERED_FAST = "answered_fast"
    ANSWERED_DURING_VISIT = "answered_during_visit"
    ENDS_AT_BEST_SCORE = "ends_at_best_score"
    SEVERAL_SIGNS_AT_ONCE = "several_signs_at_once"


KIND_OF = {
    Sign.BASELINE_ABOVE_PREDICTED: Kind.HIGH_BASELINES,
    Sign.HARD_CASES_NOT_BEGUN: Kind.SELECTED_INTAKE,
    Sign.SLOW_COURSES_WITHOUT_END: Kind.MISSING_ENDS,
    Sign.NEW_CONDITION_AFTER_SLOW_COURSE: Kind.INSTRUMENT_CHOICE,
    Sign.IRREGULAR_BASELINE: Kind.INSTRUMENT_CHOICE,
    Sign.ENDED_AT_PEAK: Kind.EARLY_ENDS,
    Sign.ENDS_JUST_IMPROVED: Kind.UNUSUAL_ANSWERS,
    Sign.SAME_ANSWER_THROUGHOUT: Kind.UNUSUAL_ANSWERS,
    Sign.ANSWERED_FAST: Kind.UNUSUAL_ANSWERS,
    Sign.ANSWERED_DURING_VISIT: Kind.UNUSUAL_ANSWERS,
    Sign.ENDS_AT_BEST_SCORE: Kind.UNUSUAL_ANSWERS,
    Sign.SEVERAL_SIGNS_AT_ONCE: Kind.UNUSUAL_ANSWERS,
}
