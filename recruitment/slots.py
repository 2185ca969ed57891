"""What recruitment adds to rooms below it; the same for everybody."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from recruitment import kept, merging, queries
from recruitment.fields import MOST_LANGUAGES
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call
from taskforce.accounts.signed_out import OWNER
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
    """What the form of an application calls its fields, for a page that gives back what was typed there.

    Of every call of the task force, since the address does not say which one a form was of, and with all rows.
    """
    group = task_force_or_404(task_force)
    named: dict[str, Any] = {}
    for call in queries.published_calls().filter(phase__task_force=group):
        form = ApplicationForm(call, rows=MOST_LANGUAGES)
        named |= {name: field.label for name, field in form.fields.items()}
    if not named:
        raise Http404
    return {**named, **{merging.MINE + name: label for name, label in named.items()}}


# What a form of an application has besides that, of which nobody has typed anything.
_MACHINERY = (
    "csrfmiddlewaretoken",
    "form_key",
    OWNER,
    "action",
    "group",
    "reference",
    "confirm",
    kept.SHOWN,
    merging.TORN,
    merging.UNHEARD,
)
_MACHINERY_BEGINS = ("version-", "marks-", merging.STORED, merging.CHOICE)


def written(sent: Mapping[str, str]) -> set[str]:
    """The fields in which somebody may have written, of what was sent to the page of an application."""
    return {name for name in sent if name not in _MACHINERY and not name.startswith(_MACHINERY_BEGINS)}
