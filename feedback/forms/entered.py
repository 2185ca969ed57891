"""What a facilitator enters of what was said elsewhere, parsed and validated."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback import elsewhere, fields
from feedback.enums import ELSEWHERE, OF_ELSEWHERE, Speaker, Visibility
from feedback.forms.keyed import Keyed, key_field
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from feedback.rules import PLACE_LENGTH, REASON_LENGTH, SPOKE_LENGTH, days, visibilities
from feedback.services import Told
from proposals.calling import Named
from taskforce.core import dates, languages
from taskforce.core.choices import offer
from taskforce.core.text import clean_name
from taskforce.questions.fields import LongText
from taskforce.questions.forms import QuestionsForm, StorableForm
from taskforce.questions.models import Question
from taskforce.timeline import gates

_WRONG_CHOICE = {
    "required": _("Please choose one."),
    "invalid_choice": _("Please choose one of the answers given here."),
}
# What the database can count.
_MOST_EDITS = 32_767
_LEFT_OUT = _("Please choose one of the list.")
_LIST = {"required": _LEFT_OUT, "invalid_choice": _LEFT_OUT}
_NO_ROLE = _("Please choose one of the list; other words belong into “Who spoke, in other words”.")
_SPEAKERS = {"required": _LEFT_OUT, "invalid_choice": _NO_ROLE}
VISIBILITIES = tuple(OF_ELSEWHERE.items())


class EnterForm(Keyed, QuestionsForm):
    """Where and when it was said and by whom, the questions of the window, how it may be shown, and that those who
    spoke know of it. None of the questions has to be answered: nobody was asked them all.

    `spoken` are the languages in which its facilitator may enter something, `units` what the text has, by id.
    """

    def __init__(
        self,
        window: FeedbackWindow,
        data: Mapping[str, Any] | None = None,
        *,
        at: datetime,
        spoken: Sequence[str],
        units: Mapping[int, Named],
        initial: Mapping[str, Any] | None = None,
        questions: Sequence[Question] | None = None,
    ) -> None:
        given = {"form_key": gates.new_form_key(at, window.phase_id), "visibility": Visibility.NAMELESS}
        super().__init__(
            window.questions_id if questions is None else questions, data, {**given, **(initial or {})}, draft=True
        )
        self.phase_id, self.opens_at, self.at, self.units = window.phase_id, window.phase.opens_at, at, units
        self.spoken = spoken
        self._ask_when()
        self._ask_who()
        self._ask_where_and_about_what()
        self._ask_how_it_is_shown()

    def _ask_when(self) -> None:
        """On which channel, and on which day."""
        self.fields["channel"] = forms.ChoiceField(
            label=_("Where it was said"),
            choices=[("", _("Choose…")), *((each.value, each.label) for each in ELSEWHERE)],
            error_messages=_LIST,
        )
        first, last = days(self.opens_at, self.at)
        self.fields["said_on"] = forms.DateField(
            label=_("Day on which it was said"),
            widget=forms.DateInput(
                {"type": "date", "min": first.isoformat(), "max": last.isoformat()}, format="%Y-%m-%d"
            ),
            input_formats=["%Y-%m-%d"],
            help_text=_("Year, month and day, such as 2022-02-15."),
            error_messages={"invalid": _("Please write the day as year, month and day, such as 2022-02-15.")},
        )

    def _ask_who(self) -> None:
        """What whoever spoke was, in a word of the list or in others."""
        self.fields["spoke"] = forms.ChoiceField(
            label=_("Who spoke"),
            help_text=_(
                "What somebody was when they spoke. Never who: they are not here to say whether they want that."
            ),
            choices=[("", _("Choose…")), *Speaker.choices],
            error_messages=_SPEAKERS,
        )
        self.fields["spoke_words"] = forms.CharField(
            label=_("Who spoke, in other words"),
            help_text=_(
                "If the list has no fitting word, such as “a trainer of a local group”. Only the people who run the "
                "process read this; it is never public. No names here either."
            ),
            required=False,
            max_length=SPOKE_LENGTH,
            widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
        )

    def _ask_where_and_about_what(self) -> None:
        """Where it is to be read, in which language it was said, and about which paragraph."""
        self.fields["place_url"] = forms.CharField(
            label=_("Where it is to be read"),
            help_text=_("The address of a public page, beginning with https:// or http://. Empty where there is none."),
            required=False,
            max_length=PLACE_LENGTH,
            widget=forms.TextInput({"inputmode": "url", "dir": "ltr", "autocomplete": "off"}),
        )
        offered = [(code, languages.OWN_NAMES[code]) for code in self.spoken]
        fields.offer(self, _("Language it was said in"), offered, _LIST)
        self.fields["unit"] = forms.ChoiceField(
            label=_("What it is about"),
            choices=[("", _("The whole text")), *((str(pk), called.text) for pk, called in self.units.items())],
            required=False,
            error_messages=_LIST,
        )

    def _ask_how_it_is_shown(self) -> None:
        """Who may read it, and that those who spoke know of it; with what the form carries along."""
        self.fields["visibility"] = forms.ChoiceField(
            label=_("Who may read this?"),
            choices=VISIBILITIES,
            widget=forms.RadioSelect,
            error_messages=_WRONG_CHOICE,
        )
        self.fields["consent"] = forms.BooleanField(
            label=_("Those who spoke know that it is written down here"),
            error_messages={"required": _("Please ask them first, and then say here that they know.")},
        )
        self.fields["form_key"] = key_field()

    def clean_spoke_words(self) -> str:
        """One line, without invisible disguises and without a mail address."""
        words = clean_name(self.cleaned_data["spoke_words"])
        if elsewhere.has_mailbox(words):
            raise forms.ValidationError(gettext("Please write no mail address and no name with an @ here."), "mailbox")
        return words

    def clean_place_url(self) -> str:
        """An address of the web, and of nobody's own page."""
        try:
            found = elsewhere.address(self.cleaned_data["place_url"])
        except ValueError:
            said = gettext("Please give an address that begins with https:// or http://, or leave this empty.")
            raise forms.ValidationError(said, "invalid") from None
        if why_not := elsewhere.fault(found):
            raise forms.ValidationError(why_not, "somebodys")
        return found

    def clean_said_on(self) -> Any:
        """A day on which it can have been said."""
        day, (first, last) = self.cleaned_data["said_on"], days(self.opens_at, self.at)
        if day < first:
            said = gettext("This is long before anything was asked: give a day from %(first)s on.")
            raise forms.ValidationError(said % {"first": dates.day_text(first)}, "too_early")
        if day > last:
            raise forms.ValidationError(gettext("This day has not come yet."), "too_late")
        return day

    def clean(self) -> dict[str, Any]:
        """A language that nobody knows, a form that has expired, or one in which nothing is said."""
        super().clean()
        fields.settle(self, self.spoken)
        if "form_key" in self.cleaned_data:
            self.require_key()
        if not self.errors and not any(answer.is_given for answer in self.answers()):
            self.add_error(None, gettext("Please answer at least one question."))
        return self.cleaned_data

    def renew(self, version: int | None = None) -> None:
        """Show the form with a new key, so that it can be sent again as it stands; as one of this version, if given."""
        super().renew()
        if version is not None:
            self.put({"version": str(version)})

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions of the window."""
        return [self[name] for name in self.fields if name.startswith("q-")]

    def told(self) -> Told:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        names = ("language", "channel", "said_on", "spoke", "spoke_words", "place_url", "visibility")
        unit = int(data["unit"]) if data["unit"] else None
        return Told(**{name: data[name] for name in names}, answers=self.answers(), unit_id=unit)


class CorrectForm(EnterForm):
    """The form as it was filled in for what stands. `version` is how often that had been changed when it was shown.

    That those who spoke know of it was said when it was entered. `typed` is what somebody had typed when their sign-in
    ended.
    """

    def __init__(
        self,
        item: FeedbackItem,
        answers: Iterable[FeedbackAnswer],
        data: Mapping[str, Any] | None = None,
        *,
        at: datetime,
        spoken: Sequence[str],
        units: Mapping[int, Named],
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        names = ("channel", "said_on", "spoke", "spoke_words", "place_url", "language", "visibility")
        stored = {name: getattr(item, name) for name in names}
        stored["unit"] = str(item.unit_id or "")
        super().__init__(item.window, data, at=at, spoken=spoken, units=units, initial=stored)
        self.show({answer.asked_id: (answer.text, answer.choices) for answer in answers})
        self.initial.update(typed or {})
        del self.fields["consent"]
        allowed = visibilities(item)
        offer(self, "visibility", [choice for choice in VISIBILITIES if choice[0] in allowed])
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, min_value=0, max_value=_MOST_EDITS, initial=item.edits
        )

    def clean(self) -> dict[str, Any]:
        """A form that does not say which wording it was shown with has expired."""
        super().clean()
        if self.cleaned_data.get("version") is None:
            self.errors.pop("version", None)
            self.add_error(None, gettext("This form has expired. Your text is still here: please send it again."))
            self.renew(self.fields["version"].initial)
        return self.cleaned_data


class TakeBackForm(StorableForm):
    """Why something that was entered is taken back."""

    reason = LongText(
        label=_("Why you take it back"),
        help_text=format_lazy(
            "{} {}",
            _("Of what everybody could read, everybody reads this in its place."),
            _("Do not repeat here what is to be gone."),
        ),
        most=REASON_LENGTH,
        error_messages={"required": _("Please say why you take it back.")},
    )
