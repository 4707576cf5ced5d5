"""The inner loops of the planner: runs as arrays of numbers, judged and changed in place.

What makes it fast: each run carries the earliest moment at which its therapist is free after each visit, and the latest
at which each visit may begin, for every number of pauses taken so far. One more visit at one position is then judged
in constant time (Savelsbergh's forward time slack, here with pauses); only told times and overtime need a walk.

One file, since the compiler's cache looks at the file of a function alone, not at those whose functions it calls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling_svc.planning.engines.compiling import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = 1 << 50
NO_WAY = 1e18


# Columns of a run: what is given, what is known of its present route, then three per pause (opens, closes, seconds).
START, END, OPENS, CLOSES, LIMIT, LONGEST, MOST, THERAPIST, PAUSES, LENGTH, DRIVING, TOLD_IN, PAUSE = range(13)
# Columns of a visit: what is given (WANTED: it is worth any driving), the run it is in (-1: none), then two per window
# (opens, closes).
PLACE, SECONDS, PINNED, FROZEN, IS_TOLD, TOLD, TOLERANCE, GROUP, WANTED, RUN_OF, SPANS, SPAN = range(12)
TIMED, EXTRA = 0, 1
W_DRIVING, W_OVERTIME, W_UNFAIRNESS, W_MOVED, W_SHARE = range(5)


class World(NamedTuple):
    """The problem and the routes in it. Few arrays, since every one costs at each call of a function.

    free[run, i, k]: when the therapist is free after i visits and k pauses; late[run, i, k]: the latest start of visit
    i, for i = length the latest return. costs[run]: told times and overtime, preferences and changed hands. `labels`,
    `order` and `scratch` are room to work in; windows of tandem visits are narrowed to the moment that is `held`.
    """

    drives: Ints
    runs: Ints
    visits: Ints
    allowed: Flags
    extra: Floats
    price: Floats
    weights: Floats
    near: Ints
    members: Ints
    moments: Ints
    route: Ints
    free: Ints
    late: Ints
    costs: Floats
    work: Floats
    held: Ints
    labels: Ints
    order: Ints
    scratch: Ints
    random: Ints


@compiled
def draw(random: Ints) -> float:
    """A number in [0, 1) from a 48-bit linear congruential generator: the same on every machine."""
    random[0] = (int(random[0]) * 25214903917 + 11) & 0xFFFFFFFFFFFF
    return int(random[0] >> 16) / 4294967296.0


@compiled
def first_start(visits: Ints, visit: int, at: int) -> int:
    """The first moment from `at` on that lies in a window."""
    for index in range(visits[visit, SPANS]):
        if at <= visits[visit, SPAN + 2 * index + 1]:
            return int(max(at, visits[visit, SPAN + 2 * index]))
    return NEVER


@compiled
def last_start(visits: Ints, visit: int, at: int) -> int:
    """The last moment up to `at` that lies in a window."""
    for index in range(visits[visit, SPANS] - 1, -1, -1):
        if at >= visits[visit, SPAN + 2 * index]:
            return int(min(at, visits[visit, SPAN + 2 * index + 1]))
    return -NEVER


@compiled
def through(runs: Ints, run: int, first: int, end: int, at: int) -> int:
    """When pauses first..end-1 are over that are begun from `at` on."""
    for index in range(first, end):
        if at > runs[run, PAUSE + 3 * index + 1]:
            return NEVER
        at = max(at, runs[run, PAUSE + 3 * index]) + runs[run, PAUSE + 3 * index + 2]
    return at


@compiled
def through_back(runs: Ints, run: int, first: int, end: int, at: int) -> int:
    """When one must be free for pauses first..end-1 to be over by `at`."""
    for index in range(end - 1, first - 1, -1):
        at = min(at - runs[run, PAUSE + 3 * index + 2], runs[run, PAUSE + 3 * index + 1])
        if at < runs[run, PAUSE + 3 * index]:
            return -NEVER
    return at


@compiled
def cross(runs: Ints, run: int, taken: int, upto: int, free: int, drive: int) -> int:
    """The earliest end of a drive with the pauses taken..upto-1 before or after it."""
    if taken == upto:
        return free + drive
    best = NEVER
    for split in range(taken, upto + 1):
        leaves = through(runs, run, taken, split, free)
        if leaves == NEVER:
            break
        best = min(best, through(runs, run, split, upto, leaves + drive))
    return best


@compiled
def cross_back(runs: Ints, run: int, taken: int, upto: int, due: int, drive: int) -> int:
    """The latest moment to be free for a drive with pauses taken..upto-1 around it that ends by `due`."""
    if taken == upto:
        return due - drive
    best = -NEVER
    for split in range(taken, upto + 1):
        leaves = through_back(runs, run, split, upto, due)
        if leaves > -NEVER:
            best = max(best, through_back(runs, run, taken, split, leaves - drive))
    return best


@compiled
def leg_allowed(runs: Ints, visits: Ints, run: int, drive: int, here: int, there: int) -> bool:
    """Whether one drive is short enough; -1 is an end of the run."""
    if drive <= runs[run, LONGEST]:
        return True
    return (here < 0 or visits[here, PINNED] > 0) and (there < 0 or visits[there, PINNED] > 0)


@compiled
def home_by(runs: Ints, run: int, taken: int) -> int:
    """The latest return for the pauses that are left to be possible at home."""
    return int(min(runs[run, LIMIT], through_back(runs, run, taken, runs[run, PAUSES], NEVER)))


@compiled
def drive_all(w: World, run: int, order: Ints, count: int) -> int:
    """Seconds of driving in all; -1 when a drive or their sum is too long."""
    runs, visits, drives = w.runs, w.visits, w.drives
    total, here, place = 0, -1, runs[run, START]
    for index in range(count + 1):
        there = order[index] if index < count else -1
        goal = visits[there, PLACE] if index < count else runs[run, END]
        drive = drives[place, goal]
        if not leg_allowed(runs, visits, run, drive, here, there):
            return -1
        total, here, place = total + drive, there, goal
    return total if total <= runs[run, MOST] else -1


@compiled
def push_forward(w: World, run: int, order: Ints, count: int, free: Ints) -> None:
    """free[i, k] for all visits of an order."""
    runs, visits, drives = w.runs, w.visits, w.drives
    top = runs[run, PAUSES]
    free[0, :] = NEVER
    free[0, 0] = runs[run, OPENS]
    place = runs[run, START]
    for index in range(count):
        visit = order[index]
        drive = drives[place, visits[visit, PLACE]]
        place = visits[visit, PLACE]
        for upto in range(top + 1):
            best = NEVER
            for taken in range(upto + 1):
                if free[index, taken] < NEVER:
                    at = cross(runs, run, taken, upto, free[index, taken], drive)
                    best = min(best, first_start(visits, visit, at))
            free[index + 1, upto] = best + visits[visit, SECONDS] if best < NEVER else NEVER


@compiled
def push_backward(w: World, run: int, order: Ints, count: int, late: Ints) -> None:
    """late[i, k] for all visits of an order; late[count, k] is the latest return."""
    runs, visits, drives = w.runs, w.visits, w.drives
    top = runs[run, PAUSES]
    place = runs[run, END]
    for taken in range(top + 1):
        late[count, taken] = home_by(runs, run, taken)
    for index in range(count - 1, -1, -1):
        visit = order[index]
        drive = drives[visits[visit, PLACE], place]
        place = visits[visit, PLACE]
        for taken in range(top + 1):
            best = -NEVER
            for upto in range(taken, top + 1):
                due = late[index + 1, upto]
                if due == -NEVER:
                    continue
                if index == count - 1:
                    due = through_back(runs, run, taken, upto, due - drive)
                else:
                    due = cross_back(runs, run, taken, upto, due, drive)
                best = max(best, due)
            late[index, taken] = last_start(visits, visit, best - visits[visit, SECONDS]) if best > -NEVER else -NEVER


@compiled
def home_at(w: World, run: int, taken: int, free: int, place: int) -> int:
    """The earliest return from a place with `taken` pauses behind one; NEVER: too late."""
    best = NEVER
    drive = w.drives[place, w.runs[run, END]]
    for upto in range(taken, w.runs[run, PAUSES] + 1):
        leaves = through(w.runs, run, taken, upto, free)
        if leaves < NEVER and leaves + drive <= home_by(w.runs, run, upto):
            best = min(best, leaves + drive)
    return best


@compiled
def end_of(w: World, run: int, order: Ints, count: int, free: Ints) -> tuple[int, int]:
    """The earliest return and the pauses taken before the way home; NEVER when the run is impossible."""
    place = w.visits[order[count - 1], PLACE]
    best, pauses = NEVER, 0
    for taken in range(w.runs[run, PAUSES] + 1):
        if free[count, taken] < NEVER:
            ends = home_at(w, run, taken, free[count, taken], place)
            if ends < best:
                best, pauses = ends, taken
    return best, pauses


@compiled
def moved_by(visits: Ints, visit: int, start: int) -> int:
    """Seconds by which a told start is missed beyond the tolerance."""
    if not visits[visit, IS_TOLD]:
        return 0
    return int(max(0, abs(start - visits[visit, TOLD]) - visits[visit, TOLERANCE]))


@compiled
def timed_cost(w: World, run: int, order: Ints, count: int) -> float:
    """What overtime and told starts cost at best (nearly: pauses lie where the run ends first). NO_WAY: impossible."""
    if count == 0:
        return 0.0
    free, late = w.labels[0], w.labels[1]
    push_forward(w, run, order, count, free)
    ends, taken = end_of(w, run, order, count, free)
    if ends == NEVER:
        return NO_WAY
    early = float(w.weights[W_OVERTIME] * max(0, ends - w.runs[run, CLOSES]))
    told = False
    for index in range(count):
        told = told or w.visits[order[index], IS_TOLD] > 0
    if not told:
        return early
    push_backward(w, run, order, count, late)
    pauses = pauses_before(w, run, order, count, taken)
    place, at, moved, asap = w.runs[run, START], w.runs[run, OPENS], 0, 0
    for index in range(count):
        visit, done = order[index], pauses[index - 1] if index else 0
        latest = late[index, pauses[index]]
        asap += moved_by(w.visits, visit, free[index + 1, pauses[index]] - w.visits[visit, SECONDS])
        ready = cross(w.runs, run, done, pauses[index], at, w.drives[place, w.visits[visit, PLACE]])
        start = first_start(w.visits, visit, ready)
        if w.visits[visit, IS_TOLD] and start < w.visits[visit, TOLD] - w.visits[visit, TOLERANCE]:
            wished = first_start(
                w.visits, visit, max(ready, min(w.visits[visit, TOLD] - w.visits[visit, TOLERANCE], latest))
            )
            start = wished if wished <= latest else start
        moved += moved_by(w.visits, visit, start)
        at, place = start + w.visits[visit, SECONDS], w.visits[visit, PLACE]
    over = max(0, home_at(w, run, taken, at, place) - w.runs[run, CLOSES])
    wished_cost = float(w.weights[W_OVERTIME] * over + w.weights[W_MOVED] * moved)
    return min(early + float(w.weights[W_MOVED] * asap), wished_cost)


@compiled
def pauses_before(w: World, run: int, order: Ints, count: int, taken: int) -> Ints:
    """By visit, how many pauses lie before it in the run that ends first."""
    free, pauses = w.labels[0], w.scratch
    for index in range(count - 1, -1, -1):
        pauses[index] = taken
        here = w.visits[order[index - 1], PLACE] if index else w.runs[run, START]
        drive = w.drives[here, w.visits[order[index], PLACE]]
        wanted = free[index + 1, taken] - w.visits[order[index], SECONDS]
        for before in range(taken + 1):
            if free[index, before] < NEVER:
                at = cross(w.runs, run, before, taken, free[index, before], drive)
                if first_start(w.visits, order[index], at) == wanted:
                    taken = before
                    break
    return pauses


@compiled
def refresh(w: World, run: int) -> bool:
    """Compute anew what is known of a run; False when it is impossible."""
    order, count = w.route[run], w.runs[run, LENGTH]
    w.runs[run, TOLD_IN], w.costs[run, EXTRA], w.costs[run, TIMED], w.runs[run, DRIVING] = 0, 0.0, 0.0, 0
    for index in range(count):
        w.runs[run, TOLD_IN] += w.visits[order[index], IS_TOLD]
        w.costs[run, EXTRA] += w.extra[order[index], run]
    push_forward(w, run, order, count, w.free[run])
    push_backward(w, run, order, count, w.late[run])
    if count == 0:
        return True
    w.runs[run, DRIVING] = drive_all(w, run, order, count)
    if w.runs[run, DRIVING] < 0 or end_of(w, run, order, count, w.free[run])[0] == NEVER:
        return False
    if w.runs[run, TOLD_IN] > 0 or w.runs[run, LIMIT] > w.runs[run, CLOSES]:
        w.costs[run, TIMED] = timed_cost(w, run, order, count)
    return True


@compiled
def unfairness(w: World, work: float) -> float:
    """What a therapist's seconds of work cost above the fair share."""
    return float(w.weights[W_UNFAIRNESS] * max(0.0, work - w.weights[W_SHARE]))


@compiled
def fits_between(
    runs: Ints,
    visits: Ints,
    order: Ints,
    free: Ints,
    late: Ints,
    run: int,
    visit: int,
    at: int,
    before: int,
    after: int,
) -> bool:
    """Whether a visit fits at a position in time, with drives of these lengths around it."""
    top, count = runs[run, PAUSES], runs[run, LENGTH]
    for taken in range(top + 1):
        ready = free[at, taken]
        if ready == NEVER:
            continue
        for middle in range(taken, top + 1):
            start = first_start(visits, visit, cross(runs, run, taken, middle, ready, before))
            if start == NEVER:
                continue
            done = start + visits[visit, SECONDS]
            for upto in range(middle, top + 1):
                due = late[at, upto]
                if at == count:
                    leaves = through(runs, run, middle, upto, done)
                    fits = leaves < NEVER and leaves + after <= due
                else:
                    fits = first_start(visits, order[at], cross(runs, run, middle, upto, done, after)) <= due
                if fits:
                    return True
    return False


@compiled
def first_free(runs: Ints, free: Ints, run: int, at: int) -> int:
    """The earliest moment at which the therapist is free before a position."""
    best = NEVER
    for taken in range(runs[run, PAUSES] + 1):
        best = min(best, free[at, taken])
    return best


@compiled
def timed_with(w: World, run: int, visit: int, at: int) -> float:
    """What overtime and told starts of a run cost with one more visit."""
    count = w.runs[run, LENGTH]
    for index in range(at):
        w.order[index] = w.route[run, index]
    w.order[at] = visit
    for index in range(at, count):
        w.order[index + 1] = w.route[run, index]
    return timed_cost(w, run, w.order, count + 1)


@compiled
def best_in(w: World, run: int, visit: int, bound: float, blink: float) -> tuple[float, int]:
    """The cheapest position in a run and what it adds, when that is less than `bound`; else NO_WAY."""
    runs, visits, drives = w.runs, w.visits, w.drives
    order, free, late = w.route[run], w.free[run], w.late[run]
    per_second, random = w.weights[W_DRIVING], w.random
    count, here, best, found = runs[run, LENGTH], visits[visit, PLACE], bound, -1
    fixed = w.extra[visit, run]
    work = w.work[runs[run, THERAPIST]]
    fixed += unfairness(w, work + visits[visit, SECONDS]) - unfairness(w, work)
    walk = runs[run, LIMIT] > runs[run, CLOSES] or runs[run, TOLD_IN] > 0 or visits[visit, IS_TOLD] > 0
    last = visits[visit, SPAN + 2 * visits[visit, SPANS] - 1]
    for at in range(count + 1):
        if first_free(runs, free, run, at) > last:
            break
        if blink > 0.0 and draw(random) < blink:
            continue
        previous = order[at - 1] if at else -1
        following = order[at] if at < count else -1
        place = visits[previous, PLACE] if at else runs[run, START]
        goal = visits[following, PLACE] if at < count else runs[run, END]
        before, after = drives[place, here], drives[here, goal]
        more = before + after - (drives[place, goal] if count else 0)
        cost = fixed + per_second * more
        if cost >= best or runs[run, DRIVING] + more > runs[run, MOST]:
            continue
        if not (
            leg_allowed(runs, visits, run, before, previous, visit)
            and leg_allowed(runs, visits, run, after, visit, following)
        ):
            continue
        if not fits_between(runs, visits, order, free, late, run, visit, at, before, after):
            continue
        if walk:
            cost += timed_with(w, run, visit, at) - w.costs[run, TIMED]
        if cost < best:
            best, found = cost, at
    return (best, found) if found >= 0 else (NO_WAY, -1)


@compiled
def put(w: World, run: int, visit: int, at: int) -> None:
    """Insert a visit that fits."""
    for index in range(w.runs[run, LENGTH], at, -1):
        w.route[run, index] = w.route[run, index - 1]
    w.route[run, at] = visit
    w.runs[run, LENGTH] += 1
    w.visits[visit, RUN_OF] = run
    w.work[w.runs[run, THERAPIST]] += w.visits[visit, SECONDS]
    refresh(w, run)


@compiled
def take(w: World, visit: int) -> None:
    """Take a visit out of its run, which must be refreshed afterwards."""
    run = w.visits[visit, RUN_OF]
    kept = 0
    for index in range(w.runs[run, LENGTH]):
        if w.route[run, index] != visit:
            w.route[run, kept] = w.route[run, index]
            kept += 1
    w.runs[run, LENGTH] = kept
    w.visits[visit, RUN_OF] = -1
    w.work[w.runs[run, THERAPIST]] -= w.visits[visit, SECONDS]


@compiled
def hold(w: World, group: int, moment: int) -> None:
    """Narrow the windows of a tandem to one moment."""
    w.held[group] = moment
    for visit in w.members[group]:
        if visit >= 0:
            w.visits[visit, SPANS] = 1
            w.visits[visit, SPAN + 2 * 0] = moment
            w.visits[visit, SPAN + 2 * 0 + 1] = moment


@compiled
def total(w: World) -> float:
    """What the routes cost, visits that are left out included."""
    cost = 0.0
    for run in range(w.runs.shape[0]):
        cost += w.weights[W_DRIVING] * w.runs[run, DRIVING] + w.costs[run, TIMED] + w.costs[run, EXTRA]
    for therapist in range(w.work.shape[0]):
        cost += unfairness(w, w.work[therapist])
    for visit in range(w.visits.shape[0]):
        if w.visits[visit, RUN_OF] < 0:
            cost += w.price[visit]
    return cost
