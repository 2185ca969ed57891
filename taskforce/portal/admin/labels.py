"""The page on which a label of something public that says a former name is put right in its words."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from taskforce.core import labels, languages
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.side_by_side import SOURCE, body_field, line_field, own_name
from taskforce.portal import old_words
from taskforce.timeline import rules, services
from taskforce.timeline.admin.scoped import user_of
from taskforce.timeline.admin.task_forces import TaskForceAdmin
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services.labels import is_long, label_seen, longest


class LabelForm(forms.Form):
    """What it says from now on, in one language."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, row: Model, field: str, language: str, data: Any = None) -> None:
        stored = labels.stored(row, field).get(language, "")
        super().__init__(data, initial={"seen": label_seen(row, field, language), "text": stored})
        make = body_field if is_long(row, field) else line_field
        label = _("Text (%(language)s)") % {"language": languages.OWN_NAMES[language]}
        made = make(longest(row, field), label=label, strip=False)
        made.widget.attrs |= {"lang": languages.html_lang(language), "dir": languages.direction(language)}
        self.fields["text"] = made


class LabelPages(TaskForceAdmin):
    """Beside the list, for what has no form of its own: published phases, calls, questions."""

    def label_urls(self) -> list[URLPattern]:
        """The page of one label, at its place as the list has it, in one language."""
        address = "<int:task_force_id>/old-words/<str:place>/<slug:language>/"
        return [path(address, self.admin_site.admin_view(self.label_view), name="timeline_taskforce_label")]

    def label_view(self, request: HttpRequest, task_force_id: int, place: str, language: str) -> HttpResponse:
        """Show what it says; save what it says from now on. What was typed stays on every refusal."""
        task_force = self.get_object(request, str(task_force_id))
        found = old_words.label_at(task_force, place) if languages.is_offered(language) else None
        if found is None:
            raise Http404
        entitled, why = rules.entitled(request.user, "task-force.old-words", task_force)
        if not entitled:
            raise Refused(why)
        _refuse_others(request, task_force, found.row)
        words = old_words.words_of(task_force)
        form = LabelForm(found.row, found.field, language, request.POST if request.method == "POST" else None)
        refusal = None
        if form.is_valid():
            refusal = _correct(request, task_force, found, language, form, words)
            if refusal is None:
                messages.success(request, _("The text is corrected."))
                back = reverse("admin:timeline_taskforce_old_words", args=[task_force.pk])
                return SeeOther(f"{back}?language={language}")
        is_said = old_words.says(found.row, found.field, language, words)
        return self._label_page(request, task_force, found, language, form if is_said or refusal else None, refusal)

    def _label_page(
        self,
        request: HttpRequest,
        task_force: TaskForce,
        found: old_words.LabelAt,
        language: str,
        form: LabelForm | None,
        refusal: PortalError | None,
    ) -> HttpResponse:
        """Without a form where it says no word that is looked for any more."""
        found.row.refresh_from_db()
        source = labels.label(found.row, found.field, SOURCE)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Correct a text that says the former name"),
            "opts": self.opts,
            "task_force": task_force,
            "where": found.where,
            "own_name": own_name(language),
            "source": source if source.language != language else None,
            "stored": labels.label(found.row, found.field, language) if refusal and refusal.status == 409 else None,
            "form": form,
            # Whoever sends it again after a conflict has seen what it says now.
            "seen": label_seen(found.row, found.field, language) if refusal or not form else form["seen"].value(),
            "refusal": refusal,
            "language": language,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/label.html", context, status=status)


def _correct(
    request: HttpRequest,
    task_force: TaskForce,
    found: old_words.LabelAt,
    language: str,
    form: LabelForm,
    words: old_words.Words,
) -> PortalError | None:
    """Do it; a refusal comes back with the form."""
    seen = form.cleaned_data["seen"]
    is_as_shown = seen == label_seen(found.row, found.field, language)
    try:
        if is_as_shown and not old_words.says(found.row, found.field, language, words):
            raise Refused(_("This text says no word that is looked for, so it is not corrected here."))
        services.correct_label(
            task_force.pk,
            row=found.row,
            field=found.field,
            language=language,
            text=form.cleaned_data["text"],
            actor=user_of(request),
            expected=seen,
        )
    except PortalError as refusal:
        return refusal
    return None


def _refuse_others(request: HttpRequest, task_force: TaskForce, row: Model) -> None:
    """Questions may be asked by several task forces: then it takes the right in all of them."""
    for other in old_words.others_with(row, task_force):
        if not rules.entitled(request.user, "task-force.old-words", other)[0]:
            raise Refused(
                _("“%(name)s” asks the same, so this text can be corrected only by those who coordinate both.")
                % {"name": labels.label(other, "name").text}
            )
