"""The staff list of a task force: what still says its former name, worked off one by one."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.portal import old_words
from taskforce.portal.admin.labels import LabelPages
from taskforce.portal.old_words import Saying
from taskforce.timeline import rules, services
from taskforce.timeline.admin.scoped import user_of
from taskforce.timeline.models import OldWord, TaskForce
from taskforce.timeline.services.oldwords import REASON_LENGTH

# More on one page than anybody works off in an hour; what follows comes up as these go.
_MOST = 50


class WordForm(forms.Form):
    """One more word to look for."""

    word = forms.CharField(
        label=gettext_lazy("Word"),
        max_length=rules.NAME_LENGTH,
        required=False,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text=gettext_lazy(
            "As it stands in texts, such as Task Force. Longer words with it do not count: plurals and other forms "
            "are words of their own."
        ),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("In texts of"),
        required=False,
        choices=[("", gettext_lazy("every language")), *languages.OWN_NAMES.items()],
    )


class TaskForceWithWords(LabelPages):
    """As the timeline has it, with the list."""

    @admin.display(description=gettext_lazy("What can be done"))
    def ways(self, obj: TaskForce) -> str:
        """The ways to its names, and to what still says the former ones."""
        url = reverse("admin:timeline_taskforce_old_words", args=[obj.pk])
        return format_html('{} · <a href="{}">{}</a>', super().ways(obj), url, _("What says the former name…"))

    def get_urls(self) -> list[URLPattern]:
        """The list beside the others."""
        view = self.admin_site.admin_view(self.old_words_view)
        own = path("<int:task_force_id>/old-words/", view, name="timeline_taskforce_old_words")
        return [own, *self.label_urls(), *super().get_urls()]

    def old_words_view(self, request: HttpRequest, task_force_id: int) -> HttpResponse:
        """Show what says an old word in a language; add and drop words, let a text stay as it is."""
        task_force = self.get_object(request, str(task_force_id))
        entitled, why = rules.entitled(request.user, "task-force.old-words", task_force)
        if not entitled:
            raise Refused(why)
        words = old_words.words_of(task_force)
        found = old_words.sayings(task_force, words)
        refusal = None
        if request.method == "POST":
            try:
                messages.success(request, _act(request, task_force, found))
            except PortalError as error:
                refusal = error
            else:
                return SeeOther(request.get_full_path())
        return self._list(request, task_force, words, found, refusal)

    def _list(
        self,
        request: HttpRequest,
        task_force: TaskForce,
        words: old_words.Words,
        found: list[Saying],
        refusal: PortalError | None,
    ) -> HttpResponse:
        unmarked = [one for one in found if one.mark is None]
        waiting = [one for one in unmarked if one.is_work]
        in_mails = [one for one in unmarked if not one.is_work]
        counts = _by_language(waiting)
        mails = _by_language(in_mails)
        first = next((code for code in languages.CODES if counts[code] or mails[code]), "en")
        asked = request.GET.get("language", first)
        language = asked if languages.is_offered(asked) else first
        here = [one for one in waiting if one.language == language]
        added = list(OldWord.objects.filter(task_force=task_force))
        context = {
            **self.admin_site.each_context(request),
            "title": _("What says the former name"),
            "opts": self.opts,
            "task_force": task_force,
            "former": sorted(words.everywhere - {one.word for one in added}),
            "added": added,
            "own_names": languages.OWN_NAMES,
            "counts": [
                {"code": code, "name": languages.OWN_NAMES[code], "count": count, "mails": mails[code]}
                for code, count in counts.items()
            ],
            "total_mails": len(in_mails),
            "total": len(waiting),
            "language": language,
            "here": here[:_MOST],
            "more": max(0, len(here) - _MOST),
            "catalogue": [one for one in in_mails if one.language == language],
            "staying": [one for one in found if one.mark is not None and one.language == language],
            "form": WordForm(request.POST if request.POST.get("action") == "look-for" else None),
            "refusal": refusal,
            "typed": request.POST if refusal else {},
            "reason_length": REASON_LENGTH,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/old_words.html", context, status=status)


def _by_language(found: list[Saying]) -> dict[str, int]:
    """How many texts each language has of these."""
    return {code: sum(one.language == code for one in found) for code in languages.CODES}


def _act(request: HttpRequest, task_force: TaskForce, found: list[Saying]) -> str:
    """Do what was posted; what to say of it. A `PortalError` where it cannot be done."""
    act = _ACTS.get(request.POST.get("action", ""))
    if act is None:
        raise Invalid(_("The form does not say what to do."))
    return act(request, task_force, found)


def _look_for(request: HttpRequest, task_force: TaskForce, found: list[Saying]) -> str:
    word, language = request.POST.get("word", ""), request.POST.get("language", "")
    services.look_for_old_word(task_force.pk, word=word, language=language, actor=user_of(request))
    return _("This word is looked for from now on.")


def _drop(request: HttpRequest, task_force: TaskForce, found: list[Saying]) -> str:
    services.drop_old_word(task_force.pk, word_id=_number(request, "word"), actor=user_of(request))
    return _("This word is not looked for any more.")


def _stays(request: HttpRequest, task_force: TaskForce, found: list[Saying]) -> str:
    """What was looked at must be what stands there."""
    place, language = request.POST.get("place", ""), request.POST.get("language", "")
    text = next((one for one in found if (one.place, one.language) == (place, language)), None)
    if text is None or text.digest != request.POST.get("digest"):
        raise Conflict(_("This text says something else by now. Look at the list once more."))
    services.keep_as_it_is(
        task_force.pk,
        place=place,
        language=language,
        text_digest=text.digest,
        reason=request.POST.get("reason", ""),
        actor=user_of(request),
    )
    return _("This text stays as it is.")


def _look_again(request: HttpRequest, task_force: TaskForce, found: list[Saying]) -> str:
    services.look_once_more(task_force.pk, mark_id=_number(request, "mark"), actor=user_of(request))
    return _("It is on the list again.")


def _number(request: HttpRequest, name: str) -> int:
    """The number of a row; 0, which no row has, for anything else."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


_ACTS: dict[str, Callable[[HttpRequest, TaskForce, list[Saying]], str]] = {
    "look-for": _look_for,
    "drop": _drop,
    "stays": _stays,
    "again": _look_again,
}


# In the place of the timeline's own pages, which know nothing of texts.
admin.site.unregister(TaskForce)
admin.site.register(TaskForce, TaskForceWithWords)
