"""One figure per therapist, with what is usual and the chance of at least as much. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outcomes_svc.gaming.kinds import KIND_OF, Kind, Sign
from outcomes_svc.gaming.peers import share_tail
from outcomes_svc.gaming.watched import WatchTable
from outcomes_svc.performance.case_table import Codes, Flags, Numbers
from outcomes_svc.results.suppression import SMALLEST


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """Shape (T,): `value` and `expected` (shares, or standard deviations for baselines), over `cases` each, and `p`,
    NaN where not judged. Shape (n,): `rows` are the cases that make the value what it is, `amounts` a number for each,
    `whose` the therapist whom each case is counted for.
    """

    sign: Sign
    value: Numbers
    expected: Numbers
    cases: Numbers
    p: Numbers
    rows: Flags
    amounts: Numbers
    whose: Codes

    @property
    def kind(self) -> Kind:
        """The kind that it is a sign of."""
        return KIND_OF[self.sign]


def share_statistic(
    sign: Sign,
    table: WatchTable,
    among: Flags,
    hit: Flags,
    amounts: Numbers,
    *,
    fewest: int = SMALLEST,
    whose: Codes | None = None,
) -> Statistic:
    """How often `hit` is true `among` a therapist's cases, against the colleagues'; `whose` if not who treated."""
    whose = table.cases.therapist.codes if whose is None else whose
    rows = among & hit
    trials, hits = table.counted(among, whose), table.counted(rows, whose)
    tail = share_tail(hits, trials, fewest)
    return Statistic(
        sign=sign,
        value=np.divide(hits, trials, out=np.full(len(trials), np.nan), where=trials > 0),
        expected=tail.expected,
        cases=trials,
        p=tail.p,
        rows=rows,
        amounts=amounts,
        whose=whose,
    )
