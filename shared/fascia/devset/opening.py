"""What happens between "everything runs" and "it is yours": demo practice, first chain, and the table to start with."""

from __future__ import annotations

from collections.abc import Callable

from fascia.devset import demo, guide, issuing
from fascia.devset.cast import Cast, NotSeenError
from fascia.devset.chain import Chain
from fascia.devset.demo_day import DemoDay, demo_day
from fascia.devset.processes import StartError
from fascia.devset.seed import seed
from fascia.devset.suite import PRACTICE, Suite
from fascia.web.principal import Role


def open_suite(suite: Suite, stopping: Callable[[], bool]) -> int:
    """Fill and show the suite; returns an exit code. Raises StartError when it was stopped meanwhile."""
    description, day = suite.run_dir.read_suite(), None
    if suite.options.demo_practice:
        cast = Cast(description)
        _fill(suite, cast, stopping)
        if suite.options.exit_after_demo:
            return demo.play(description)
        day = _home_visits(suite, cast, stopping)
        _first_chain(suite, Chain(cast), stopping)
    roles = refresh_tokens(suite)
    print(
        f"\n{guide.table(description, roles, day)}\n\n  up in {suite.progress.seconds:.1f} s; Ctrl-C stops it",
        flush=True,
    )
    return 0


def refresh_tokens(suite: Suite) -> list[str]:
    """Write tokens that hold from now on; returns their roles."""
    issuer = suite.ports.url("issuer")
    therapists = (
        Cast(suite.run_dir.read_suite()).at("scheduling", Role.ADMIN).get("/v1/therapists", limit=1).body["items"]
    )
    therapist_id = therapists[0]["id"] if therapists else None
    return issuing.write_tokens(suite.run_dir, issuer, PRACTICE, therapist_id)


def _fill(suite: Suite, cast: Cast, stopping: Callable[[], bool]) -> None:
    def told(what: str, done: int, total: int) -> None:
        if stopping():
            raise StartError("stopped while seeding")
        suite.progress.counting(f"demo practice: {what}", done, total)

    with suite.progress.step("demo practice") as notes:
        made = seed(cast, told)
        notes.append(", ".join(f"{count} {name}" for name, count in made.items()) or "was there")


def _home_visits(suite: Suite, cast: Cast, stopping: Callable[[], bool]) -> DemoDay | None:
    def told(done: int, total: int) -> None:
        if stopping():
            raise StartError("stopped while booking the home visits of the demo practice")
        suite.progress.counting("home visits", done, total)

    with suite.progress.step("a day of home visits") as notes:
        try:
            day = demo_day(cast, told)
        except NotSeenError as error:
            raise StartError(f"the day of home visits broke: {error}; see {suite.run_dir.logs}") from None
        if day is not None:
            notes.append(f"{day.date}, " + (f"{day.booked} booked and published" if day.booked else "was there"))
        return day


def _first_chain(suite: Suite, chain: Chain, stopping: Callable[[], bool]) -> None:
    with suite.progress.step("one chain through it") as notes:
        steps = list(chain.steps())
        try:
            for number, (title, act) in enumerate(steps, 1):
                if stopping():
                    raise StartError("stopped while playing the first chain")
                suite.progress.counting(title, number, len(steps))
                act()
        except NotSeenError as error:
            raise StartError(f"the first chain broke: {error}; see {suite.run_dir.logs}") from None
        notes.append(demo.headline(chain))
