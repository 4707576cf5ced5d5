"""What codes are called for a therapist who reads a statement. Data."""

from __future__ import annotations

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
PER = {"unit": "units", "hour": "hours", "session": "session", "kilometre": "km", "minute": "minutes"}
SETTINGS = {"clinic": "clinic", "hospital": "hospital", "private": "private room", "mobile": "home visit"}
GATES = {
    "n_eff": "Your episodes are worth {value} full answers; {needed} are needed.",
    "reliability": (
        "{value} of your distance from the practice is taken as real, the rest as chance; at least {needed} is needed."
    ),
    "follow_up": "{value} of your patients answered at the end; at least {needed} is needed.",
    "sign": (
        "Your distance from the practice must keep its direction even if everybody who did not answer had done poorly;"
        " what is left of it is {value}."
    ),
}
SHARES = frozenset({"reliability", "follow_up"})
"""Gates whose figures are shown in percent."""
CAUSES = {
    "session_amended": "a session note was amended",
    "session_added": "a session was signed later",
    "session_removed": "a session no longer counts here",
    "entry_added": "hours or ways were recorded later",
    "entry_withdrawn": "recorded hours or ways were withdrawn",
    "travel_changed": "a day's route changed",
    "episode_changed": "an episode's scores changed",
    "outcome_changed": "the part for results came out differently",
    "dispute_upheld": "your dispute was upheld",
}
EXCLUSIONS = {
    "still_open": "treatment goes on",
    "no_baseline": "there is no score from the beginning",
    "baseline_not_by_patient": "the first score was not given by the patient",
    "baseline_outside_window": "the first score was not given around the first visit",
    "stand_in_instrument": "the questionnaire was only a stand-in for the one that fits",
    "instrument_never_paid": "this questionnaire never counts for pay",
    "several_therapists": "no one therapist gave most of the treatment",
}
NOT_COUNTED = {
    "lost_to_follow_up": "the patient did not answer at the end",
    "instrument_not_in_model": "too few answers to this questionnaire to say what is to be expected",
    "not_assessed": "there is no prediction to hold it against",
}
