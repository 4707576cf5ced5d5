"""What an episode came to: whose it is, from where to where, and why it may count for nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from outcomes_svc.episodes.episode import Episode, EpisodeState, Primary
from outcomes_svc.episodes.treated_session import TreatedSession
from outcomes_svc.instruments.catalogue import shipped
from outcomes_svc.results.episode_result import CaseMix, EpisodeResult, Exclusion
from outcomes_svc.results.rows import episode_result
from outcomes_svc.scoring.measurement import Source
from outcomes_svc.scoring.scale import Scored, score, shown
from outcomes_svc.scoring.score import Score, ScoreState

VISIT = datetime(2026, 2, 2, 15, tzinfo=UTC)


def session(
    day: int, therapist_id: str = "t-1", minutes: int = 50, location_id: str | None = "north"
) -> TreatedSession:
    at = VISIT + timedelta(days=day)
    return TreatedSession(
        id=f"s-{day}",
        version=1,
        patient_id="p-1",
        therapist_id=therapist_id,
        appointment_id=f"a-{day}",
        claim_id=None,
        location_id=location_id,
        setting="clinic" if location_id else "mobile",
        service_type="massage-60",
        condition_codes=("M54.59",),
        started_at=at - timedelta(hours=1),
        ended_at=at,
        signed_at=at,
        treated_minutes=minutes,
        measures=(),
        episode_id="e-1",
    )


def answered(day: float, answers: dict[str, float], instrument: str = "PEG", source: Source = Source.PATIENT) -> Score:
    known = shipped().current(instrument)
    assert known is not None
    scored = score(known, answers)
    assert isinstance(scored, Scored)
    return Score(
        id=f"sc-{day}",
        version=1,
        state=ScoreState.SCORED,
        source=source,
        source_id=f"q-{day}",
        patient_id="p-1",
        episode_id="e-1",
        therapist_id=None,
        session_id=None,
        assessment_id=None,
        instrument=known.id,
        instrument_version=known.version,
        answers=answers,
        rule=known.rule_name,
        value=shown(scored.value),
        change=None,
        judgement=None,
        compared_items=(),
        baseline_id=None,
        faults=(),
        measured_at=VISIT + timedelta(days=day),
        scored_at=VISIT,
    )


def peg(pain: float, enjoyment: float, activity: float) -> dict[str, float]:
    return {"pain": pain, "enjoyment": enjoyment, "activity": activity}


def episode(sessions: list[TreatedSession], instrument: str = "PEG", **changes: object) -> Episode:
    known = shipped().current(instrument)
    assert known is not None
    opened = Episode(
        id="e-1",
        version=1,
        patient_id="p-1",
        condition="M54",
        primary=Primary(known.id, known.version, stand_in=False),
        first_session_id=sessions[0].id,
        opened_at=sessions[0].ended_at,
        last_session_at=sessions[-1].ended_at,
        sessions=len(sessions),
        state=EpisodeState.CLOSED,
    )
    return replace(opened, **changes)  # type: ignore[arg-type]


def came_to(
    sessions: list[TreatedSession], *scores: Score, instrument: str = "PEG", **changes: object
) -> EpisodeResult:
    return episode_result(episode(sessions, instrument, **changes), sessions, scores, CaseMix(), shipped())


def test_most_treated_minutes_decide_whose_it_is() -> None:
    found = came_to([session(0, "t-1", 60), session(7, "t-2", 45), session(14, "t-2", 45), session(21, "t-1", 20)])
    assert (found.therapist_id, found.sessions, found.session_ids) == ("t-2", 4, ("s-0", "s-7", "s-14", "s-21"))
    assert Exclusion.SEVERAL_THERAPISTS not in found.excluded


def test_of_two_with_as_many_minutes_it_is_the_earlier() -> None:
    found = came_to([session(7, "t-1"), session(0, "t-2")])
    assert found.therapist_id == "t-2"
    assert Exclusion.SEVERAL_THERAPISTS not in found.excluded


def test_where_nobody_gave_half_it_is_nobodys() -> None:
    found = came_to([session(0, "t-1"), session(7, "t-2"), session(14, "t-3")])
    assert Exclusion.SEVERAL_THERAPISTS in found.excluded


def test_visits_at_home_are_a_place_of_their_own() -> None:
    found = came_to([session(0), session(7, location_id=None), session(14, location_id=None)])
    assert (found.location_id, found.setting) == (None, "mobile")


def test_a_share_of_the_baseline_is_judged_exactly() -> None:
    """20/3 to 14/3 is 30%, which is an improvement; as rounded numbers, 6.67 and 4.67, it would fall short of it."""
    found = came_to([session(0)], answered(0.5, peg(6, 7, 7)), answered(84, peg(4, 5, 5)))
    assert (found.baseline, found.end, found.change) == (6.67, 4.67, 2.0)
    assert found.improved is True
    worse = came_to([session(0)], answered(0.5, peg(6, 7, 7)), answered(84, peg(5, 5, 5)))
    assert worse.improved is False


def test_activities_that_were_rated_once_say_nothing() -> None:
    found = came_to(
        [session(0)],
        answered(0.5, {"activity_1": 2, "activity_2": 8}, "PSFS"),
        answered(84, {"activity_1": 6}, "PSFS"),
        instrument="PSFS",
    )
    assert (found.baseline, found.end, found.change, found.improved) == (2, 6, 4, True)
    apart = came_to(
        [session(0)],
        answered(0.5, {"activity_1": 2}, "PSFS"),
        answered(84, {"activity_2": 6}, "PSFS"),
        instrument="PSFS",
    )
    assert (apart.baseline, apart.end, apart.end_score_id) == (2, None, None)


def test_each_score_can_be_found_again() -> None:
    found = came_to([session(0)], answered(0.5, peg(6, 7, 7)), answered(15, peg(5, 5, 5)), answered(84, peg(4, 5, 5)))
    assert (found.baseline_score_id, found.mid_course, found.end_score_id) == ("sc-0.5", 5.0, "sc-84")
    assert found.end_at == VISIT + timedelta(days=84)


def test_reasons_are_named_and_all_of_them() -> None:
    taken_down = answered(0, peg(6, 7, 7), source=Source.SESSION)
    found = came_to([session(0)], taken_down, state=EpisodeState.OPEN, primary=Primary("PEG", "1", stand_in=True))
    assert set(found.excluded) == {
        Exclusion.STILL_OPEN,
        Exclusion.BASELINE_NOT_BY_PATIENT,
        Exclusion.STAND_IN_INSTRUMENT,
    }
    assert not found.counts
    assert Exclusion.INSTRUMENT_NEVER_PAID in came_to([session(0)], instrument="PHQ-9").excluded


def test_who_did_not_answer_again_is_lost_and_not_excluded() -> None:
    found = came_to([session(0)], answered(0.5, peg(6, 7, 7)))
    assert (found.counts, found.end, found.change, found.improved) == (True, None, None, None)
