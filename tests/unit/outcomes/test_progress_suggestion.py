"""What a course suggests names its reason; a report says the same whenever and from whatever order it is made."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fascia.problem import RuleViolation
from outcomes_svc.assessments.assessment import Assessment
from outcomes_svc.episodes.episode import Episode, Primary
from outcomes_svc.episodes.treated_session import Measure, TreatedSession
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.progress.course import ABOUT_FUNCTION, courses
from outcomes_svc.progress.report import ProgressReport, report
from outcomes_svc.progress.reported import Told, to_tell
from outcomes_svc.progress.suggestion import Action, Reason, Suggestion, suggest
from outcomes_svc.scoring.measurement import Measurement, of_session
from outcomes_svc.scoring.score import Score, derive, settle

DAY_0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NPRS = Primary("NPRS", "1", stand_in=False)


def session(number: int, pain: float | None = None, every: float = 7) -> TreatedSession:
    ended = DAY_0 + timedelta(days=(number - 1) * every)
    return TreatedSession(
        id=f"s-{number:02}",
        version=1,
        patient_id="p-1",
        therapist_id=f"t-{number}",
        appointment_id=f"a-{number}",
        claim_id=None,
        location_id=None,
        setting="clinic",
        service_type="massage-60",
        condition_codes=("M54.59",),
        started_at=ended - timedelta(hours=1),
        ended_at=ended,
        signed_at=ended,
        treated_minutes=50,
        measures=() if pain is None else (Measure(instrument="NPRS", version="1", answers={"pain": pain}),),
        episode_id="e-1",
    )


def scored(sessions: list[TreatedSession]) -> list[Score]:
    taken: list[Measurement] = [found for each in sessions for found in of_session(each, "e-1")]
    return settle(derive(taken, shipped()), [], name=lambda key: f"score of {key[0]}", now=DAY_0)


def suggestion(*pains: float | None, visits: int | None = None, every: float = 7) -> Suggestion:
    sessions = [session(number, pain, every) for number, pain in enumerate(pains, 1)]
    found = courses(scored(sessions), NPRS, shipped())
    last = sessions[-1].ended_at if sessions else DAY_0
    return suggest(found[0] if found else None, visits or len(pains), last - DAY_0)


@pytest.mark.parametrize(
    ("pains", "every", "action", "reason"),
    [
        ((8,), 7, Action.CONTINUE, Reason.TOO_EARLY),
        ((8, 7), 7, Action.CONTINUE, Reason.TOO_EARLY),
        ((None, None), 7, Action.CONTINUE, Reason.TOO_EARLY),
        ((None,) * 6, 1, Action.RE_EVALUATE, Reason.NOT_MEASURED),
        ((8, *(None,) * 5), 1, Action.RE_EVALUATE, Reason.NOT_MEASURED),
        ((8, 6), 7, Action.CONTINUE, Reason.IMPROVING),
        ((8, 8, 8, 8, 8, 7), 1, Action.RE_EVALUATE, Reason.NO_IMPROVEMENT_YET),
        ((8, 7), 30, Action.RE_EVALUATE, Reason.NO_IMPROVEMENT_YET),
        ((8, 8, 8, 8, 8), 7, Action.RE_EVALUATE, Reason.STANDS_STILL),
        ((8, 4, 4, 4, 4, 4), 7, Action.DISCHARGE, Reason.IMPROVED_AND_STABLE),
        ((8, *(7,) * 11), 1, Action.REFER_BACK, Reason.NO_IMPROVEMENT_AFTER_12_VISITS),
        ((5, 7), 7, Action.RE_EVALUATE, Reason.SHARPLY_WORSE),
        ((5, 7, 8), 7, Action.REFER_BACK, Reason.WORSE_TWICE),
        ((8, 3, 6), 7, Action.RE_EVALUATE, Reason.SHARPLY_WORSE),
    ],
)
def test_each_course_has_its_suggestion(
    pains: tuple[float | None, ...], every: float, action: Action, reason: Reason
) -> None:
    found = suggestion(*pains, every=every)
    assert (found.action, found.reason) == (action, reason)
    assert found.figures["visits"] == len(pains)
    assert "{" not in found.text


def test_the_text_names_what_a_setback_is_held_against() -> None:
    assert "the best score so far" in suggestion(8, 3, 6).text
    assert "the baseline" in suggestion(5, 7).text
    assert suggestion(5, 7).figures["fell_by"] == 2


def test_instruments_about_function_ship() -> None:
    ids = {known.id for known in shipped().all()}
    assert all(any(id_.startswith(beginning) for id_ in ids) for beginning in ABOUT_FUNCTION)


EPISODE = Episode(
    id="e-1",
    version=1,
    patient_id="p-1",
    condition="M54",
    primary=NPRS,
    first_session_id="s-01",
    opened_at=DAY_0,
    last_session_at=DAY_0 + timedelta(days=42),
    sessions=7,
)
SESSIONS = [session(number, pain) for number, pain in enumerate((8, 8, 7, 7, 6, 5, 1), 1)]


def asked(id_: str, day: float, answered: float | None) -> Assessment:
    at = DAY_0 + timedelta(days=day)
    return Assessment(
        id=id_,
        version=1,
        patient_id="p-1",
        episode_id="e-1",
        session_id=None,
        therapist_id=None,
        instrument="NPRS",
        instrument_version="1",
        items=("pain",),
        due_at=at,
        expires_at=at + timedelta(days=7),
        answered_at=None if answered is None else DAY_0 + timedelta(days=answered),
    )


ASKED = [asked("q-1", 0, 0.1), asked("q-2", 14, None), asked("q-3", 35, 36), asked("q-4", 42, 42.1)]


def made(visits: int = 6, sessions: list[TreatedSession] = SESSIONS) -> ProgressReport:
    return report(EPISODE, sessions, scored(SESSIONS), ASKED, visits, shipped())


def test_a_report_covers_its_visits_and_what_was_answered_until_the_next() -> None:
    six = made()
    assert [each.id for each in six.sessions] == [f"s-0{number}" for number in range(1, 7)]
    assert six.therapist_id == "t-6"
    assert six.primary is not None
    assert (six.primary.current.value, six.primary.current.change) == (5, 3)
    assert (six.adherence.requested, six.adherence.answered, six.adherence.response_rate) == (3, 2, 0.667)
    assert (six.adherence.visits_per_week, six.adherence.longest_gap_days) == (1, 7)
    assert (made(7).adherence.requested, made(7).adherence.answered) == (4, 3)
    one = made(1)
    assert (one.adherence.visits_per_week, one.adherence.longest_gap_days) == (None, None)


def test_the_order_of_what_is_known_does_not_matter() -> None:
    for order in itertools.islice(itertools.permutations(SESSIONS), 0, 5040, 511):
        assert made(sessions=list(order)) == made()


def test_a_visit_that_follows_soon_is_not_in_the_report_before_it() -> None:
    close = [session(number, pain, every=2) for number, pain in enumerate((8, 8, 7, 7, 6, 5, 1), 1)]
    six = report(EPISODE, close, scored(close), [], 6, shipped())
    assert six.primary is not None
    assert six.primary.current.value == 5


def test_a_week_after_the_last_visit_answers_belong_to_no_report() -> None:
    late = replace(ASKED[2], id="q-9", due_at=SESSIONS[5].ended_at + timedelta(days=7))
    six = report(EPISODE, SESSIONS[:6], scored(SESSIONS[:6]), [*ASKED, late], 6, shipped())
    assert six.adherence.requested == 3


@pytest.mark.parametrize("visits", [0, 8])
def test_a_report_over_visits_that_there_were_not_is_refused(visits: int) -> None:
    with pytest.raises(RuleViolation) as refused:
        made(visits)
    assert (refused.value.code, refused.value.errors[0].field) == ("not-enough-visits", "visits")


def test_only_what_changed_is_told() -> None:
    def tell(sessions: list[TreatedSession], told: list[Told]) -> list[Told]:
        return to_tell(
            [EPISODE], sessions, scored(sessions), [], told=told, name=lambda e, v: f"{e}/{v}", catalogue=shipped()
        )

    assert tell(SESSIONS[:5], []) == []
    (first,) = tell(SESSIONS, [])
    assert (first.id, first.figures["visits"], first.withdrawn) == ("e-1/6", 6, False)
    assert tell(SESSIONS, [first]) == []
    amended = [replace(each, version=2) if each.id == "s-06" else each for each in SESSIONS]
    (again,) = tell(amended, [first])
    assert again.figures == first.figures
    assert tell([*SESSIONS[:6], replace(SESSIONS[6], version=2)], [first]) == []  # the seventh visit is not in it
    (gone,) = tell(SESSIONS[:5], [first])
    assert gone.withdrawn
    assert tell(SESSIONS[:5], [gone]) == []
    assert tell(SESSIONS, [gone]) == [first]
    assert [each.id for each in tell([session(number, 5, every=1) for number in range(1, 14)], [])] == [
        "e-1/6",
        "e-1/12",
    ]
