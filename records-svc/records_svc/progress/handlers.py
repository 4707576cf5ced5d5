"""What this feature does when progress is reported: keep the newest state of the report."""

from __future__ import annotations

from fascia.backbone.event import Event
from fascia.store import UnitOfWork
from records_svc.progress import store
from records_svc.progress.progress_report import report_of


def keep_report(uow: UnitOfWork, event: Event) -> None:
    """progress.reported: the report as it is now, unless what is known is as new."""
    report = report_of(event.data, event.sequence)
    known = store.known_sequence(uow, report.id)
    if known is None or known < report.sequence:
        store.put(uow, report)
