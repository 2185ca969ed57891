"""Phases of which something may still be to be noticed."""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from taskforce.timeline.enums import EventKind
from taskforce.timeline.models import Phase, PhaseEvent


def unfinished_phases() -> QuerySet[Phase]:
    """The published phases whose events are not all noticed, with their acts and events; three statements.

    Left out is what has nothing more to come: closed or cancelled, and every change of its end noticed.
    """
    own = PhaseEvent.objects.filter(phase=OuterRef("pk")).order_by()
    changes = own.filter(kind=EventKind.CHANGED).values("phase").annotate(total=Count("pk")).values("total")
    closed = Exists(own.filter(kind=EventKind.CLOSED, ends_version=OuterRef("ends_version")))
    is_over = (Q(closed=True) | Q(cancelled_at__isnull=False)) & Q(changes=F("ends_version") - 1)
    return (
        Phase.objects.filter(published_at__isnull=False)
        .annotate(closed=closed, changes=Coalesce(Subquery(changes), 0))
        .exclude(is_over)
        .prefetch_related("extensions", "events")
    )


def with_acts(phase_id: int) -> Phase:
    """A published phase with its task force and acts, as it is now."""
    return Phase.objects.select_related("task_force").prefetch_related("extensions").get(pk=phase_id)


def next_phase(phase: Phase) -> Phase | None:
    """The published phase of the same task force that opens first after the end of this one; None if there is none."""
    coming = Phase.objects.filter(
        task_force=phase.task_force_id, published_at__isnull=False, cancelled_at=None, opens_at__gte=phase.closes_at
    )
    return coming.order_by("opens_at", "id").first()
