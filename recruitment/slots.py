"""What recruitment adds to rooms below it; the same for everybody."""

from collections.abc import Collection
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call
from taskforce.core import clock
from taskforce.core.labels import label
from taskforce.questions.uses import Use
from taskforce.timeline.enums import Capability
from taskforce.timeline.offers import Offer
from taskforce.timeline.queries import task_force_or_404

IN_PHASES = Offer(
    Capability.APPLY,
    Call,
    queries.in_phases,
    gettext_lazy("No call for members belongs to this phase: nobody finds a way to apply."),
)


def uses_of_questions(versions: Collection[int]) -> list[Use]:
    """The calls that ask these versions of questions."""
    found = queries.in_phases().filter(questions_id__in=versions).select_related("phase__task_force").order_by("pk")
    return [
        Use(one.questions_id, label(one, "title"), reverse("recruitment:call", args=[one.phase.task_force.slug]))
        for one in found
    ]


def labels(task_force: str) -> dict[str, Any]:
    """What the form of an application calls its fields, for a page that gives back what was typed there."""
    found = queries.current_call(task_force_or_404(task_force), clock.app_now())
    if found is None:
        raise Http404
    return {name: field.label for name, field in ApplicationForm(found).fields.items()}
