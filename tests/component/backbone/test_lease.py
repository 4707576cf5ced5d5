"""Leases: one process holds one at a time, and who lost it is told so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from fascia.backbone.lease import Lease, process_name

LENGTH = timedelta(seconds=5)
NOW = datetime(2027, 1, 11, 14, 0, tzinfo=UTC)
JUST_BEFORE = NOW + LENGTH - timedelta(milliseconds=1)


def _lease(probe: Any, name: str = "work") -> Lease:
    return Lease(probe.runtime.database, name, process_name(), LENGTH)


def test_a_lease_has_one_holder_until_it_expires(probe: Any) -> None:
    first, second = _lease(probe), _lease(probe)
    assert first.hold(NOW)
    assert not second.hold(JUST_BEFORE)
    assert second.hold(NOW + LENGTH)
    assert not first.hold(NOW + LENGTH)
    assert (first.epoch, second.epoch) == (None, 2)


def test_a_holder_that_renews_keeps_it(probe: Any) -> None:
    first, second = _lease(probe), _lease(probe)
    first.hold(NOW)
    assert first.hold(JUST_BEFORE)
    assert not second.hold(NOW + LENGTH)
    assert first.epoch == 1


def test_a_holder_that_slept_and_lost_nothing_to_anybody_goes_on(probe: Any) -> None:
    first = _lease(probe)
    first.hold(NOW)
    assert first.hold(NOW + timedelta(hours=1))
    assert first.epoch == 1


def test_what_is_released_is_free_at_once_and_the_epoch_goes_on_rising(probe: Any) -> None:
    first, second = _lease(probe), _lease(probe)
    first.hold(NOW)
    first.release()
    assert second.hold(NOW)
    assert second.epoch == 2


def test_who_lost_it_releases_nothing(probe: Any) -> None:
    first, second, third = (_lease(probe) for _ in range(3))
    first.hold(NOW)
    second.hold(NOW + LENGTH)
    first.release()
    assert not third.hold(NOW + LENGTH)


def test_leases_of_two_names_are_two(probe: Any) -> None:
    assert _lease(probe, "one").hold(NOW)
    assert _lease(probe, "two").hold(NOW)


def test_a_race_for_a_free_lease_has_one_winner(probe: Any) -> None:
    for expired in (False, True):
        moment = NOW + LENGTH * 10 * expired
        rivals = [_lease(probe) for _ in range(6)]
        start = threading.Barrier(len(rivals))
        won: list[bool] = []

        def race(lease: Lease, start: threading.Barrier, moment: datetime, won: list[bool]) -> None:
            start.wait()
            won.append(lease.hold(moment))

        threads = [threading.Thread(target=race, args=(lease, start, moment, won)) for lease in rivals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won.count(True) == 1


def test_a_renewal_that_came_in_between_is_not_taken_away(probe: Any) -> None:
    first, second = _lease(probe), _lease(probe)
    first.hold(NOW)
    usual = second._leases

    class Slow:
        """The holder renews between the moments at which its rival reads and writes."""

        def find_one(self, query: Any) -> Any:
            found = usual.find_one(query)
            assert first.hold(NOW + LENGTH)
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(usual, name)

    second._leases = Slow()  # type: ignore[assignment]
    assert not second.hold(NOW + LENGTH)
    assert first.hold(NOW + LENGTH)
