"""What is not shown cannot be computed from what is."""

from __future__ import annotations

import random

import numpy as np

from outcomes_svc.results.suppression import SMALLEST, Sum, hidden_cells


def table(rows: list[list[int]]) -> tuple[dict[str, int], list[Sum[str]]]:
    """A table of counts with its margins: cells r0c1, rows r0, columns c1, and all."""
    counts: dict[str, int] = {}
    width = range(len(rows[0]))
    for r, row in enumerate(rows):
        counts |= {f"r{r}c{c}": row[c] for c in width} | {f"r{r}": sum(row)}
    counts |= {f"c{c}": sum(row[c] for row in rows) for c in width} | {"all": sum(map(sum, rows))}
    sums = [Sum([f"r{r}c{c}" for c in width], f"r{r}") for r in range(len(rows))]
    sums += [Sum([f"r{r}c{c}" for r in range(len(rows))], f"c{c}") for c in width]
    return counts, [*sums, Sum([f"r{r}" for r in range(len(rows))], "all"), Sum([f"c{c}" for c in width], "all")]


def one_sum(**parts: int) -> frozenset[str]:
    return hidden_cells({**parts, "all": sum(parts.values())}, [Sum(sorted(parts), "all")])


def test_groups_that_are_large_enough_are_all_shown() -> None:
    assert one_sum(a=10, b=11, c=40) == set()


def test_a_small_group_takes_the_next_smallest_with_it() -> None:
    assert one_sum(a=4, b=30, c=12) == {"a", "c"}


def test_two_small_groups_cover_each_other_when_they_are_enough_together() -> None:
    assert one_sum(a=4, b=6, c=40, d=50) == {"a", "b"}
    assert one_sum(a=4, b=3, c=40, d=50) == {"a", "b", "c"}


def test_with_one_other_group_nothing_but_the_total_is_left() -> None:
    assert one_sum(a=4, b=30) == {"a", "b"}


def test_a_small_whole_is_hidden_with_all_its_parts() -> None:
    assert one_sum(a=4, b=5) == {"a", "b", "all"}


def test_a_group_without_episodes_hides_and_covers_nothing() -> None:
    assert one_sum(a=0, b=30, c=40) == set()
    assert one_sum(a=0, b=3, c=40) == {"b", "c"}


def test_the_same_counts_hide_the_same_cells_in_any_order() -> None:
    counts, sums = table([[12, 4, 30], [15, 22, 18], [40, 12, 3]])
    expected = hidden_cells(counts, sums)
    for _ in range(10):
        names = random.sample(sorted(counts), len(counts))
        assert hidden_cells({name: counts[name] for name in names}, random.sample(sums, len(sums))) == expected


def test_no_hidden_cell_of_a_table_can_be_solved_for() -> None:
    """The sums as equations: a hidden cell that they determine would be in the row space of their hidden columns."""
    made = random.Random(5)
    for _ in range(200):
        rows = [[made.choice((0, 3, 8, 12, 25, 60)) for _ in range(made.randint(2, 5))] for _ in range(1)]
        rows += [[made.choice((0, 3, 8, 12, 25, 60)) for _ in rows[0]] for _ in range(made.randint(1, 4))]
        counts, sums = table(rows)
        hidden = hidden_cells(counts, sums)
        assert {cell for cell, count in counts.items() if 0 < count < SMALLEST} <= hidden
        assert solved(counts, sums, hidden) == [], rows


def solved(counts: dict[str, int], sums: list[Sum[str]], hidden: frozenset[str]) -> list[str]:
    unknown = sorted(hidden)
    place = {cell: n for n, cell in enumerate(unknown)}
    equations = np.zeros((len(sums), len(unknown)))
    for row, line in enumerate(sums):
        for cell in line.parts:
            if cell in place:
                equations[row, place[cell]] += 1
        if line.total in place:
            equations[row, place[line.total]] -= 1
    rank = np.linalg.matrix_rank(equations) if unknown else 0
    found = []
    for cell in unknown:
        target = np.zeros((1, len(unknown)))
        target[0, place[cell]] = 1
        if np.linalg.matrix_rank(np.vstack([equations, target])) == rank:
            found.append(cell)
    return found
