"""The exact timing of a run: visits in a given order, with waiting, pauses and the starts that patients were told.

A pause may lie before or after each drive. For each number of pauses taken so far only the earliest moment counts,
since waiting costs nothing: a few labels per visit instead of every way to lay the pauses (whoever is earlier can do
all that the other can). Told starts cost by distance, which that argument does not cover: then every way to lay the
pauses is timed as an isotonic regression, and the cheapest is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, islice, pairwise, product
from types import MappingProxyType

from scheduling_svc.planning.engines.isotonic import Wish, cheapest_times
from scheduling_svc.planning.engines.model import Model, Spans
from scheduling_svc.planning.problem import Break


@dataclass(frozen=True)
class Timing:
    """Starts of the visits and of the pauses of a run, when it ends, and what overtime and moved starts cost."""

    starts: tuple[int, ...]
    arrives: tuple[int, ...]
    pauses: tuple[int, ...]
    ends: int
    overtime: int
    moved_seconds: int


@dataclass(frozen=True)
class _Label:
    """The earliest moment at which a visit can begin with a number of pauses taken; how it came about."""

    start: int
    span: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    previous: _Label | None


@dataclass(frozen=True)
class _Step:
    """Something with a start inside bounds; `gap` lies between the end of the step before and this start (a drive)."""

    gap: int
    opens: int
    closes: int
    seconds: int
    visit: int | None


def legs(model: Model, run: int, order: Sequence[int]) -> list[int]:
    """Seconds of each drive, the way home last; nothing for a run without visits."""
    if not order:
        return []
    frame = model.runs[run]
    places = [frame.start_place, *(model.visits[visit].place for visit in order), frame.end_place]
    return [model.drives[here][there] for here, there in pairwise(places)]


def drives_allowed(model: Model, run: int, order: Sequence[int], drives: Sequence[int]) -> bool:
    """Whether no drive of the run is too long, and all together are not."""
    frame = model.runs[run]
    if frame.most_driving is not None and sum(drives) > frame.most_driving:
        return False
    ends = [None, *order, None]
    return all(
        drive <= frame.longest_drive or model.pinned_leg(ends[index], ends[index + 1])
        for index, drive in enumerate(drives)
    )


def timing(
    model: Model,
    run: int,
    order: Sequence[int],
    held: Mapping[int, int] = MappingProxyType({}),
    *,
    quick: bool = False,
) -> Timing | None:
    """The best timing of visits in this order; None when there is none. `held`: visits that begin at one moment.

    quick: told times are not weighed against other ways to lay the pauses and other windows. It exists all the same.
    """
    frame = model.runs[run]
    if not order:
        return Timing((), (), (), frame.opens, 0, 0)
    spans = tuple(((held[visit], held[visit]),) if visit in held else model.spans[visit] for visit in order)
    drives = legs(model, run, order)
    if not drives_allowed(model, run, order, drives):
        return None
    if quick or not any(model.told[visit] is not None for visit in order):
        last = _earliest(model, run, order, drives, spans)
        return None if last is None else _timed(model, run, order, drives, spans, _laid(last))
    tries = (_told_timing(model, run, order, drives, chosen) for chosen in islice(product(*_single(spans)), MOST_WAYS))
    return min((one for one in tries if one is not None), key=lambda one: _price(model, one), default=None)


MOST_WAYS = 256
"""Combinations of windows that are tried at most for a run in which patients know their times."""


def _single(spans: Sequence[Spans]) -> list[list[Spans]]:
    """For each visit its windows one by one."""
    return [[(span,) for span in spans_of] for spans_of in spans]


def _told_timing(
    model: Model, run: int, order: Sequence[int], drives: Sequence[int], spans: Sequence[Spans]
) -> Timing | None:
    """The cheapest timing over all ways to lay the pauses, for one window a visit."""
    last = _earliest(model, run, order, drives, spans)
    if last is None:
        return None
    laid = _laid(last)
    tries = [_timed(model, run, order, drives, spans, way) for way in (laid, *_ways(model, run, order, laid))]
    return min((one for one in tries if one is not None), key=lambda one: _price(model, one), default=None)


def _price(model: Model, timing: Timing) -> float:
    return timing.overtime * model.weights.overtime + timing.moved_seconds * model.weights.moved


Laid = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
"""For each drive of the run (the way home last): the pauses before it and after it."""
_Found = tuple[_Label, tuple[int, ...], tuple[int, ...]]


def _earliest(
    model: Model, run: int, order: Sequence[int], drives: Sequence[int], spans: Sequence[Spans]
) -> _Found | None:
    """Labels through the run; the last visit's label and the pauses around the way home."""
    frame, pauses = model.runs[run], model.breaks[run]
    labels: dict[int, _Label | None] = {0: None}
    for position in range(len(order)):
        reached: dict[int, _Label | None] = {}
        for taken, label in labels.items():
            free = frame.opens if label is None else label.start + model.visits[order[position - 1]].seconds
            for upto, before, after, at in _crossings(pauses, taken, free, drives[position]):
                start = _first_start(spans[position], at)
                known = reached.get(upto)
                if start is not None and (known is None or start[0] < known.start):
                    reached[upto] = _Label(start[0], start[1], before, after, label)
        if not reached:
            return None
        labels = reached
    best: tuple[int, _Found] | None = None
    for taken, label in labels.items():
        assert label is not None
        free = label.start + model.visits[order[-1]].seconds
        for upto, before, after, at in _crossings(pauses, taken, free, drives[-1]):
            ends = at if not after else _first_pause_free(pauses, before, free) + drives[-1]
            if upto == len(pauses) and ends <= frame.closes + frame.overtime and (best is None or ends < best[0]):
                best = ends, (label, before, after)
    return best[1] if best else None


def _first_pause_free(pauses: Sequence[Break], before: Sequence[int], free: int) -> int:
    """When the therapist leaves after the pauses before a drive."""
    for index in before:
        free = max(free, pauses[index].window.opens) + pauses[index].seconds
    return free


def _crossings(
    pauses: Sequence[Break], taken: int, free: int, drive: int
) -> Iterator[tuple[int, tuple[int, ...], tuple[int, ...], int]]:
    """Every way over one drive: pauses taken in all, before it, after it, and when the therapist is free."""
    for split in range(taken, len(pauses) + 1):
        leaves = _through(pauses, range(taken, split), free)
        if leaves is None:
            return
        for upto in range(split, len(pauses) + 1):
            at = _through(pauses, range(split, upto), leaves + drive)
            if at is None:
                break
            yield upto, tuple(range(taken, split)), tuple(range(split, upto)), at


def _through(pauses: Sequence[Break], which: range, at: int) -> int | None:
    for index in which:
        begins = max(at, pauses[index].window.opens)
        if begins > pauses[index].window.closes:
            return None
        at = begins + pauses[index].seconds
    return at


def _first_start(spans: Sequence[tuple[int, int]], at: int) -> tuple[int, int] | None:
    for index, (opens, closes) in enumerate(spans):
        if at <= closes:
            return max(at, opens), index
    return None


def _laid(found: _Found) -> Laid:
    label: _Label | None
    label, before, after = found
    laid = [(before, after)]
    while label is not None:
        laid.append((label.before, label.after))
        label = label.previous
    return tuple(reversed(laid))


def _ways(model: Model, run: int, order: Sequence[int], known: Laid) -> Iterator[Laid]:
    """Every other way to lay the pauses."""
    slots = 2 * (len(order) + 1)
    for chosen in combinations_with_replacement(range(slots), len(model.breaks[run])):
        sides: list[list[int]] = [[] for _ in range(slots)]
        for pause, slot in enumerate(chosen):
            sides[slot].append(pause)
        way = tuple((tuple(sides[slot]), tuple(sides[slot + 1])) for slot in range(0, slots, 2))
        if way != known:
            yield way


def _timed(
    model: Model, run: int, order: Sequence[int], drives: Sequence[int], spans: Sequence[Spans], laid: Laid
) -> Timing | None:
    """Starts for one way to lay the pauses: as early as may be, or where told starts cost least."""
    frame = model.runs[run]
    steps = _steps(model, run, order, drives, spans, laid)
    earliest = _forward(frame.opens, steps)
    if earliest is None:
        return None
    home = len(steps) - 1 - len(laid[-1][1])
    latest = _backward(frame.closes + frame.overtime, steps, home)
    if any(early > late for early, late in zip(earliest, latest, strict=True)):
        return None
    times = earliest
    if any(model.told[visit] is not None for visit in order):
        wishes = [_wish(model, run, step, at == home) for at, step in enumerate(steps)]
        times = cheapest_times(earliest, latest, [step.seconds for step in steps], [s.gap for s in steps], wishes)
    return _read(model, run, order, drives, laid, times)


def _steps(
    model: Model, run: int, order: Sequence[int], drives: Sequence[int], spans: Sequence[Spans], laid: Laid
) -> list[_Step]:
    """The run as a chain: pauses, visits, and last the arrival at the end place with the pauses after it."""
    pauses = model.breaks[run]
    steps: list[_Step] = []
    free = model.runs[run].opens
    for index, (before, after) in enumerate(laid):
        chain = [_pause_step(pauses[pause], 0) for pause in before]
        later = [_pause_step(pauses[pause], 0) for pause in after]
        if index == len(order):
            steps += [*chain, _Step(drives[index], -_NEVER, _NEVER, 0, None), *later]
            break
        if later:
            later[0] = replace(later[0], gap=drives[index])
        visit = order[index]
        last = _Step(0 if later else drives[index], -_NEVER, _NEVER, model.visits[visit].seconds, visit)
        free = _end(free, [*chain, *later])
        last = _in_window(last, spans[index], free)
        free = _end(free, [last])
        steps += [*chain, *later, last]
    return steps


_NEVER = 1 << 60


def _pause_step(pause: Break, gap: int) -> _Step:
    return _Step(gap, pause.window.opens, pause.window.closes, pause.seconds, None)


def _in_window(step: _Step, spans: Spans, free: int) -> _Step:
    """Held to that window in which the visit is reached first; to the last one when it is too late for all."""
    found = _first_start(spans, free + step.gap)
    opens, closes = spans[found[1] if found else -1]
    return replace(step, opens=opens, closes=closes)


def _end(free: int, steps: Sequence[_Step]) -> int:
    for step in steps:
        free = max(free + step.gap, step.opens) + step.seconds
    return free


def _forward(opens: int, steps: Sequence[_Step]) -> list[int] | None:
    free, starts = opens, []
    for step in steps:
        at = max(free + step.gap, step.opens)
        if at > step.closes:
            return None
        starts.append(at)
        free = at + step.seconds
    return starts


def _backward(closes: int, steps: Sequence[_Step], home: int) -> list[int]:
    """The latest starts; `closes` binds the arrival at the end place, not the pauses after it."""
    due, latest = _NEVER, [0] * len(steps)
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        at = min(step.closes, due - step.seconds, closes if index == home else _NEVER)
        latest[index] = at
        due = at - step.gap
    return latest


def _wish(model: Model, run: int, step: _Step, home: bool) -> Wish | None:
    if home:
        return Wish(-_NEVER, model.runs[run].closes, float(model.weights.overtime))
    told = model.told[step.visit] if step.visit is not None else None
    return None if told is None else Wish(told.start - told.tolerance, told.start + told.tolerance, told.weight)


def _read(
    model: Model, run: int, order: Sequence[int], drives: Sequence[int], laid: Laid, times: Sequence[int]
) -> Timing:
    """The timing of a chain whose starts are known: the first visit is reached just in time, later ones at once."""
    frame, pauses = model.runs[run], model.breaks[run]
    coming = iter(times)
    starts: list[int] = []
    arrives: list[int] = []
    paused: list[int] = []
    free = frame.opens
    for index, (before, after) in enumerate(laid):
        for pause in before:
            paused.append(next(coming))
            free = paused[-1] + pauses[pause].seconds
        if index == len(order):
            next(coming)
            paused += [next(coming) for _ in after]
            break
        begun = [next(coming) for _ in range(len(after) + 1)]
        arrives.append(begun[0] if index == 0 else free + drives[index])
        paused += begun[:-1]
        starts.append(begun[-1])
        free = starts[-1] + model.visits[order[index]].seconds
    ends = free + drives[-1]
    moved = sum(_moved(model, visit, start) for visit, start in zip(order, starts, strict=True))
    return Timing(tuple(starts), tuple(arrives), tuple(paused), ends, max(0, ends - frame.closes), moved)


def _moved(model: Model, visit: int, start: int) -> int:
    told = model.told[visit]
    return 0 if told is None else max(0, abs(start - told.start) - told.tolerance)
