"""The items of a window as staff ask for them. Part of the room `answering`."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from feedback import queries
from feedback.answering.standing import decided, in_theme, to_answer
from feedback.enums import ReadState
from feedback.models import (
    Disposition,
    FeedbackItem,
    FeedbackWindow,
)

_NOT_CURRENT = (ReadState.OUTDATED, ReadState.MISSING)


def narrowed(found: QuerySet[FeedbackItem], chosen: dict[str, str]) -> QuerySet[FeedbackItem]:
    """Items as staff ask for them (`answer_forms.WorkForm`): undecided ones of which nothing is drafted, unless they
    ask for others."""
    own = Exists(Disposition.objects.filter(item=OuterRef("pk"), release=None))
    of_theme = Exists(Disposition.objects.filter(theme__themed__item=OuterRef("pk"), release=None))
    is_drafted = Q(own) | Q(of_theme)
    shown = {
        "": ~decided() & ~is_drafted,
        "undecided": ~decided(),
        "drafted": is_drafted,
        "decided": decided(),
        "all": Q(),
    }
    found = found.filter(shown[chosen.get("show", "")])
    if code := chosen.get("language"):
        found = found.filter(queries.in_language(code))
    if question := chosen.get("question"):
        found = found.filter(answers__question=int(question))
    if unit := chosen.get("unit"):
        found = found.filter(unit=int(unit) or None)
    if theme := chosen.get("theme"):
        found = found.filter(in_theme(int(theme)))
    if state := chosen.get("read"):
        found = found.filter(read_state__in=_NOT_CURRENT if state == "not-current" else (state,))
    return found


def units_in(window: FeedbackWindow) -> list[int]:
    """The paragraphs that published items of a window are about."""
    found = to_answer([window]).filter(unit__isnull=False).order_by()
    return list(found.values_list("unit", flat=True).distinct())
