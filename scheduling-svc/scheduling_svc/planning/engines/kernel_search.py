"""Ruin and recreate on the kernel's runs: slack induction by string removals (Christiaens and Vanden Berghe, 2020).

Neighbouring stretches of several runs are taken out, then put back one by one where they cost least, now and then
blind to a position. A worse plan is kept for a while with a chance that falls (simulated annealing).
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np

from scheduling_svc.planning.engines.compiling import compiled
from scheduling_svc.planning.engines.kernel import (
    FROZEN,
    GROUP,
    LENGTH,
    NEVER,
    NO_WAY,
    RUN_OF,
    SECONDS,
    SPAN,
    SPANS,
    WANTED,
    Floats,
    Ints,
    World,
    best_in,
    draw,
    hold,
    put,
    refresh,
    take,
    total,
)

BLINK = 0.01
LONGEST_STRING = 10
SPLIT = 0.5
LONGER_GAP = 0.5
CHANGED, SEEN = 1, 2


class Search(NamedTuple):
    """The best routes so far, and room for the runs that one round changes. missing: how often a visit was left out."""

    best_route: Ints
    best_length: Ints
    best_held: Ints
    saved_route: Ints
    saved_length: Ints
    saved_held: Ints
    saved_work: Floats
    touched: Ints
    removed: Ints
    keys: Floats
    missing: Ints
    costs: Floats


@compiled
def below(w: World, top: int) -> int:
    """A whole number from 0 to top - 1."""
    return min(top - 1, int(draw(w.random) * top))


@compiled
def touch(w: World, search: Search, run: int) -> None:
    """Remember a run as it was before this round."""
    if search.touched[run] == CHANGED:
        return
    search.touched[run] = CHANGED
    search.saved_length[run] = w.runs[run, LENGTH]
    search.saved_route[run, : w.runs[run, LENGTH]] = w.route[run, : w.runs[run, LENGTH]]


@compiled
def remove(w: World, search: Search, visit: int, count: int) -> int:
    """Take out a visit (a tandem as a whole) unless it is pinned; how many are out now."""
    group = w.visits[visit, GROUP]
    if group < 0:
        if not w.visits[visit, FROZEN]:
            touch(w, search, w.visits[visit, RUN_OF])
            take(w, visit)
            search.removed[count] = visit
            count += 1
        return count
    for member in w.members[group]:
        if member >= 0 and w.visits[member, FROZEN]:
            return count
    for member in w.members[group]:
        if member >= 0 and w.visits[member, RUN_OF] >= 0:
            touch(w, search, w.visits[member, RUN_OF])
            take(w, member)
            search.removed[count] = member
            count += 1
    return count


@compiled
def ruin(w: World, search: Search, average: float) -> int:
    """Take strings out of neighbouring runs; how many visits are out."""
    runs, visits = w.runs.shape[0], w.visits.shape[0]
    filled, inside = 0, 0
    for run in range(runs):
        filled += w.runs[run, LENGTH] > 0
        inside += w.runs[run, LENGTH]
    if inside == 0:
        return 0
    longest = min(float(LONGEST_STRING), inside / filled)
    strings = int(draw(w.random) * (4.0 * average / (1.0 + longest) - 1.0) + 1.0)
    seed, count, ruined = below(w, visits), 0, 0
    for visit in w.near[seed]:
        if ruined >= strings:
            break
        run = w.visits[visit, RUN_OF]
        if run < 0 or search.touched[run]:
            continue
        before = count
        count = ruin_run(w, search, run, visit, longest, count)
        ruined += count > before
        if search.touched[run] != CHANGED:
            search.touched[run] = SEEN
    for run in range(runs):
        if search.touched[run] == SEEN:
            search.touched[run] = 0
    return count


@compiled
def ruin_run(w: World, search: Search, run: int, visit: int, longest: float, count: int) -> int:
    """Take a string around a visit out of its run, perhaps with a gap that stays; how many visits are out."""
    size = w.runs[run, LENGTH]
    string = int(draw(w.random) * min(float(size), longest) + 1.0)
    string = min(string, size)
    at = 0
    while w.route[run, at] != visit:
        at += 1
    gap = 0
    if string > 1 and string < size and draw(w.random) < SPLIT:
        gap = 1
        while string + gap < size and draw(w.random) < LONGER_GAP:
            gap += 1
    length = string + gap
    first = max(0, at - length + 1)
    begin = first + below(w, min(at, size - length) - first + 1)
    skip = begin + 1 + below(w, string - 1) if gap else begin + length
    for index in range(length):
        w.order[index] = w.route[run, begin + index]
    wanted = w.order[:length].copy()
    for index in range(length):
        if (begin + index < skip or begin + index >= skip + gap) and w.visits[wanted[index], RUN_OF] == run:
            count = remove(w, search, wanted[index], count)
    return count


@compiled
def repair(w: World, search: Search, count: int) -> int:
    """Bring what is left into order; a run that is impossible without its visits loses more. -1: beyond mending."""
    for run in range(w.runs.shape[0]):
        if not search.touched[run]:
            continue
        while not refresh(w, run):
            victim = -1
            for index in range(w.runs[run, LENGTH]):
                visit = w.route[run, index]
                if not w.visits[visit, FROZEN] and w.visits[visit, GROUP] < 0:
                    victim = visit
            if victim < 0:
                return -1
            count = remove(w, search, victim, count)
    return count


@compiled
def arrange(w: World, search: Search, count: int) -> None:
    """Put the removed visits into the order in which they go back: one of several rules, by chance."""
    rule = draw(w.random)
    for index in range(count):
        visit = search.removed[index]
        last = w.visits[visit, SPANS] - 1
        if rule < 0.25:
            key = draw(w.random)
        elif rule < 0.45:
            key = -float(w.visits[visit, SECONDS]) + draw(w.random)
        elif rule < 0.60:
            key = float(w.visits[visit, SPAN + 2 * last + 1] - w.visits[visit, SPAN + 2 * 0])
        elif rule < 0.75:
            key = float(w.visits[visit, SPAN + 2 * 0])
        elif rule < 0.90:
            key = -float(w.visits[visit, SPAN + 2 * last + 1])
        else:
            key = -float(search.missing[visit]) + draw(w.random)
        search.keys[index] = key - (1e9 if w.visits[visit, WANTED] else 0.0)
    for index in range(1, count):
        key, visit = search.keys[index], search.removed[index]
        place = index
        while place > 0 and search.keys[place - 1] > key:
            search.keys[place] = search.keys[place - 1]
            search.removed[place] = search.removed[place - 1]
            place -= 1
        search.keys[place], search.removed[place] = key, visit


@compiled
def cheapest(w: World, visit: int, bound: float, blink: float) -> tuple[int, int]:
    """The run and the position at which a visit costs least, when that is less than `bound`; else -1, -1."""
    best, run_found, at_found = bound, -1, -1
    for run in range(w.runs.shape[0]):
        if w.allowed[visit, run]:
            cost, at = best_in(w, run, visit, best, blink)
            if at >= 0:
                best, run_found, at_found = cost, run, at
    return run_found, at_found


@compiled
def recreate(w: World, search: Search, count: int) -> None:
    """Put removed visits back, each where it costs least; what is dearer than its prize stays out."""
    for index in range(count):
        visit = search.removed[index]
        if w.visits[visit, RUN_OF] >= 0:
            continue
        group = w.visits[visit, GROUP]
        if group >= 0:
            place_tandem(w, search, group)
            continue
        run, at = cheapest(w, visit, w.price[visit], BLINK)
        if run >= 0:
            touch(w, search, run)
            put(w, run, visit, at)


@compiled
def two_best(w: World, visit: int, found: Ints, costs: Floats) -> None:
    """The two cheapest runs for a visit: found[0..1] = run, found[2..3] = position; -1 where there is none."""
    found[:] = -1
    costs[:] = NO_WAY
    for run in range(w.runs.shape[0]):
        if not w.allowed[visit, run]:
            continue
        cost, at = best_in(w, run, visit, costs[1], 0.0)
        if at < 0:
            continue
        slot = 0 if cost < costs[0] else 1
        if slot == 0:
            found[1], found[3], costs[1] = found[0], found[2], costs[0]
        found[slot], found[slot + 2], costs[slot] = run, at, cost


@compiled
def place_pair(w: World, search: Search, group: int, moment: int, best: float, plan: Ints) -> float:
    """The cheapest runs for both halves of a tandem at a moment, when below `best`: plan[run, at, run, at]."""
    hold(w, group, moment)
    one, other = np.empty(4, np.int64), np.empty(4, np.int64)
    cost_one, cost_other = np.empty(2), np.empty(2)
    two_best(w, w.members[group, 0], one, cost_one)
    two_best(w, w.members[group, 1], other, cost_other)
    for first in range(2):
        for second in range(2):
            cost = cost_one[first] + cost_other[second]
            if one[first] >= 0 and other[second] >= 0 and one[first] != other[second] and cost < best:
                best = cost
                plan[0], plan[1], plan[2], plan[3] = one[first], one[first + 2], other[second], other[second + 2]
    return best


@compiled
def place_tandem(w: World, search: Search, group: int) -> None:
    """Put both halves of a tandem back at the cheapest moment at which two therapists can be there, or neither."""
    one, other = w.members[group, 0], w.members[group, 1]
    best, chosen = w.price[one] + w.price[other], -NEVER
    plan = np.empty(4, np.int64)
    for moment in w.moments[group]:
        if moment > -NEVER:
            cost = place_pair(w, search, group, moment, best, plan)
            if cost < best:
                best, chosen = cost, moment
    if chosen == -NEVER:
        return
    place_pair(w, search, group, chosen, NO_WAY, plan)
    touch(w, search, plan[0])
    touch(w, search, plan[2])
    put(w, plan[0], one, plan[1])
    put(w, plan[2], other, plan[3])


@compiled
def left_out(w: World, search: Search, count: int) -> int:
    """Add visits that are in no run to those to be put back, a handful of optional ones at most."""
    chances = 8
    visits = w.visits.shape[0]
    first = below(w, visits)
    for step in range(visits):
        visit = (first + step) % visits
        if w.visits[visit, RUN_OF] >= 0 or was_removed(search, visit, count):
            continue
        if not w.visits[visit, WANTED]:
            chances -= 1
            if chances < 0:
                continue
        search.removed[count] = visit
        count += 1
    return count


@compiled
def was_removed(search: Search, visit: int, count: int) -> bool:
    """Whether a visit was taken out in this round."""
    found = False
    for index in range(count):
        found = found or search.removed[index] == visit
    return found


@compiled
def undo(w: World, search: Search) -> None:
    """Put every touched run back as it was."""
    for run in range(w.runs.shape[0]):
        if search.touched[run]:
            for index in range(w.runs[run, LENGTH]):
                w.visits[w.route[run, index], RUN_OF] = -1
    for group in range(w.held.shape[0]):
        hold(w, group, search.saved_held[group])
    for run in range(w.runs.shape[0]):
        if search.touched[run]:
            w.runs[run, LENGTH] = search.saved_length[run]
            w.route[run, : w.runs[run, LENGTH]] = search.saved_route[run, : w.runs[run, LENGTH]]
            for index in range(w.runs[run, LENGTH]):
                w.visits[w.route[run, index], RUN_OF] = run
            refresh(w, run)
    w.work[:] = search.saved_work


@compiled
def missing_weight(w: World, search: Search) -> int:
    """How hard to place, by experience, the wanted visits are that are in no run."""
    weight = 0
    for visit in range(w.visits.shape[0]):
        if w.visits[visit, RUN_OF] < 0 and w.visits[visit, WANTED]:
            weight += 1 + search.missing[visit]
    return weight


@compiled
def keep_best(w: World, search: Search, cost: float) -> None:
    """Remember the routes as the best."""
    search.costs[1] = cost
    search.best_length[:] = w.runs[:, LENGTH]
    search.best_held[:] = w.held
    for run in range(w.runs.shape[0]):
        search.best_route[run, : w.runs[run, LENGTH]] = w.route[run, : w.runs[run, LENGTH]]


@compiled
def one_round(w: World, search: Search, average: float, heat: float) -> bool:
    """Ruin, recreate, and keep the outcome or undo it; whether it is the best so far."""
    search.touched[:] = 0
    search.saved_held[:] = w.held
    search.saved_work[:] = w.work
    weight = missing_weight(w, search)
    count = repair(w, search, ruin(w, search, average))
    if count < 0:
        undo(w, search)
        return False
    count = left_out(w, search, count)
    arrange(w, search, count)
    recreate(w, search, count)
    cost = total(w)
    accepted = cost < search.costs[0] - heat * log(draw(w.random) + 1e-12)
    if weight > 0:
        now = missing_weight(w, search)
        accepted = accepted or now < weight
        for visit in range(w.visits.shape[0]):
            if w.visits[visit, RUN_OF] < 0 and w.visits[visit, WANTED]:
                search.missing[visit] += 1
    if not accepted:
        undo(w, search)
        return False
    search.costs[0] = cost
    if cost < search.costs[1] - 1e-6:
        keep_best(w, search, cost)
        return True
    return False


@compiled
def rounds(w: World, search: Search, count: int, average: float, hot: float, cold: float) -> int:
    """Some rounds while the heat falls from `hot` to `cold`; after which of them the best was found, -1: none."""
    last = -1
    cooling = exp(log(cold / hot) / max(1, count))
    heat = hot
    for index in range(count):
        if one_round(w, search, average, heat):
            last = index
        heat *= cooling
    return last
