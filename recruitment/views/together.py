"""What was typed in two windows: what merges by itself is saved, of the rest somebody chooses on a page of its own."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from recruitment import groups, kept, merging, services
from recruitment.enums import Group
from recruitment.forms.applying import LANGUAGE, ApplicationForm, shown
from recruitment.views.framing import Visit
from taskforce.accounts import signed_out
from taskforce.core.text import clean
from taskforce.timeline import gates

# Another window may save once more meanwhile; who saves that often is a program.
_TRIES = 3


class Both(NamedTuple):
    """What came, and of each group that clashes what is stored and what both come to."""

    posted: QueryDict
    form: ApplicationForm
    error: services.ChangedMeanwhile
    made: Mapping[Group, merging.Merged]


class Torn(NamedTuple):
    """A field with two texts: in words, and as they are sent."""

    name: str
    label: Any
    mine_said: Any
    stored_said: Any
    mine: list[str]
    stored: list[str]
    is_text: bool
    is_long: bool


def saved(visit: Visit, posted: QueryDict, error: services.ChangedMeanwhile) -> Both | None:
    """Save all of it where it merges by itself: None; else what has to be chosen, and nothing was saved.

    Raises what the services raise.
    """
    form = ApplicationForm(visit.call, posted, draft=True)
    form_key = gates.read_form_key(posted.get("form_key", ""), visit.call.phase_id)
    draft = form.draft(form_key)
    for _attempt in range(_TRIES):
        marks = {group: posted.get(merging.marks_name(group)) for group in error.stored}
        made = {
            group: merging.merged(draft.typed[group], row.typed, marks[group]) for group, row in error.stored.items()
        }
        if not form.is_valid() or any(one.torn for one in made.values()):
            return Both(posted, form, error, made)
        tokens = {group: groups.Token(row.version) for group, row in error.stored.items()}
        both = services.Draft(
            form_key=form_key,
            language=draft.language,
            typed={**draft.typed, **{group: one.fields for group, one in made.items()}},
            tokens={**draft.tokens, **tokens},
            unheard=draft.unheard - set(made),
        )
        try:
            services.save_draft(visit.call, visit.user, both)
        except services.ChangedMeanwhile as again:
            error = services.ChangedMeanwhile({**error.stored, **again.stored})
        else:
            return None
    return Both(posted, form, error, made)


def page(visit: Visit, both: Both, around: dict[str, Any], *, is_again: bool) -> HttpResponse:
    """Both texts of each field that was changed in two windows, to choose from; the rest goes along unseen."""
    torn = _torn(visit, both)
    context = {
        **around,
        "error": both.error,
        "torn": torn,
        "hidden": _hidden(visit.request, both, {one.name for one in torn}),
        # Nothing was chosen for some of them.
        "is_again": is_again,
    }
    response = render(visit.request, "recruitment/merge.html", context, status=both.error.status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _torn(visit: Visit, both: Both) -> list[Torn]:
    clashing = list(both.made)
    stored = {group: row.typed for group, row in both.error.stored.items()}
    named = {name for one in both.made.values() for name in one.torn}
    mine_said = {one.name: one.value for one in both.form.shown_again(clashing)}
    stored_said = {one.name: one.value for one in shown(visit.call, stored).shown_again(clashing)}
    typed = both.form.typed_fields()
    found = []
    for name, field in both.form.fields.items():
        if name not in named:
            continue
        group = groups.group_of(name)
        mine, theirs = typed[group].get(name, []), list(stored[group].get(name, []))
        is_text = not isinstance(field, forms.ChoiceField | forms.BooleanField) and not _has_choices(field)
        is_long = isinstance(field.widget, forms.Textarea)
        said = mine_said.get(name, ""), stored_said.get(name, "")
        found.append(Torn(name, field.label, *said, mine, theirs, is_text, is_long))
    return found


def _has_choices(field: forms.Field) -> bool:
    return hasattr(field, "choices") or isinstance(field.widget, forms.Select)


def _hidden(request: HttpRequest, both: Both, torn: set[str]) -> list[tuple[str, str]]:
    """(name, value) of all that is sent again: the other fields, and on what each group is typed from now on."""
    typed = {**both.form.typed_fields(), **{group: one.fields for group, one in both.made.items()}}
    sent = both.form.groups_sent()
    fields = [
        (name, value) for group in sent for name, values in typed[group].items() if name not in torn for value in values
    ]
    machinery = [(name, clean(both.posted.get(name, ""))) for name in ("form_key", signed_out.OWNER)]
    # In which language, and what was typed signed out, is said of the whole form.
    machinery += [(name, clean(both.posted.get(name, ""))) for name in (LANGUAGE, kept.SHOWN) if name in both.posted]
    for group in sent:
        row = both.error.stored.get(group)
        names = (groups.version_name(group), merging.marks_name(group))
        if row is not None:
            values = (groups.token(row.version, row.typed), merging.marks(row.typed))
        else:
            values = (clean(both.posted.get(names[0], "")), clean(both.posted.get(names[1], "")))
        machinery += zip(names, values, strict=True)
    unheard = both.form.unheard() - set(both.made)
    machinery += [(merging.UNHEARD, str(group)) for group in sent if group in unheard]
    # What of a name shown again cannot be stored was refused before.
    return [*machinery, *fields]
