"""What a visitor sends who says something, parsed and validated."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from feedback import comments, fields
from feedback.enums import Visibility
from feedback.forms.keyed import HONEYPOT, Keyed, key_field, trap
from feedback.models import FeedbackWindow
from feedback.queries import Door
from taskforce.core import languages
from taskforce.core.text import clean_name as cleaned_name
from taskforce.questions.enums import NO_ANSWER, PARAGRAPH
from taskforce.questions.forms import QuestionsForm, field_name, made_of, made_once
from taskforce.questions.queries import questions
from taskforce.timeline import gates

_WRONG_CHOICE = {
    "required": _("Please choose one."),
    "invalid_choice": _("Please choose one of the answers given here."),
}
_NAME_OR_NOT = _(
    "You wrote a name, but “Public, without a name” is chosen. Empty this field, or choose another answer above."
)
_COMMENT_OR_NOT = _(
    "Your comment is on a paragraph, but this is about the whole text. Choose “This paragraph”, or say it in an answer "
    "to a question."
)
_SAY_SOMETHING = _("Please write a comment, or answer a question.")
# So few questions stand open below a comment: to open them would be more work than to pass them.
_FEW = 2
# The field of what is said on a paragraph.
COMMENT, COMMENT_LABEL = field_name(PARAGRAPH), _("Your comment on this paragraph")


class FeedbackForm(Keyed, QuestionsForm):
    """The questions of a window, then how the answers may be shown. `at` is the moment it is shown or sent (UTC).

    `unit_id` is the paragraph by which somebody came: what they say on it has a field of its own, before the questions,
    none of which they must answer then; those they answer about the paragraph, or about the whole text.
    """

    def __init__(
        self,
        window: FeedbackWindow | Door,
        data: Mapping[str, Any] | None = None,
        *,
        language: str,
        at: datetime,
        unit_id: int | None = None,
    ) -> None:
        initial = {
            # Signed only where it is shown.
            "form_key": partial(gates.new_form_key, at, window.phase_id),
            "language": language,
            # The careful choice: nobody's name becomes public because a default was overlooked.
            "visibility": Visibility.NAMELESS,
            "unit": unit_id or "",
        }
        # Also what was sent on a paragraph that there is not: nothing typed is lost.
        is_on_paragraph = unit_id is not None or bool((data or {}).get(COMMENT))
        asked = window.asked if isinstance(window, Door) else questions(window.questions_id)
        made = None
        if isinstance(window, Door):
            made = made_once(window.questions_id, window.digest, get_language(), draft=is_on_paragraph)
        if is_on_paragraph:
            asked = [comments.question(), *asked]
            made = {**made_of(asked[:1], None, draft=True), **made} if made is not None else None
        super().__init__(asked, data, initial, draft=is_on_paragraph, fields=made)
        if is_on_paragraph:
            self.fields[COMMENT].label = COMMENT_LABEL
        self.phase_id, self.at = window.phase_id, at
        if unit_id is not None:
            self.fields["unit"] = forms.ChoiceField(
                label=_("What is it about?"),
                choices=[(str(unit_id), _("This paragraph")), ("", _("The whole text"))],
                widget=forms.RadioSelect,
                required=False,
                error_messages=_WRONG_CHOICE,
            )
        self.fields.update(_around())
        fields.show(self)

    def clean_name(self) -> str:
        """One line, without invisible disguises."""
        return cleaned_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """An unknown language, a name not to be shown, a form that has expired, or one in which nothing is said."""
        super().clean()
        fields.settle(self)
        if "unit" not in self.fields and self.data.get("unit"):
            self.add_error(
                None,
                _(
                    "The paragraph that this was to be about is not one of this text. What you wrote is still here: "
                    "send it again, and it is about the whole text."
                ),
            )
        if self.cleaned_data.get("name") and self.cleaned_data.get("visibility") == Visibility.NAMELESS:
            # Neither may give way without a word: a name must not become public, and none may be lost, by a slip.
            self.add_error("name", _NAME_OR_NOT)
        self.require_key()
        if self.cleaned_data.get(COMMENT) and not self.cleaned_data.get("unit") and "unit" not in self.errors:
            self.add_error("unit" if "unit" in self.fields else COMMENT, _COMMENT_OR_NOT)
        if not self.errors and not any(answer.is_given for answer in self.answers()):
            self.add_error(None, _SAY_SOMETHING if "unit" in self.fields else _("Please answer at least one question."))
        return self.cleaned_data

    @property
    def comment(self) -> forms.BoundField | None:
        """What is said on the paragraph, if somebody came by one."""
        return self[COMMENT] if COMMENT in self.fields else None

    @property
    def shows_questions(self) -> bool:
        """Whether anything is answered besides, or wrong there, or the questions are few: nothing is folded then."""
        asked = [self[name] for name in self.fields if name.startswith("q-") and name != COMMENT]
        if len(self.questions) <= _FEW + 1:
            return True
        if any(one.errors or one.value() not in (None, "", [], NO_ANSWER) for one in asked):
            return True
        return "unit" in self.fields and bool(self["unit"].errors or not self["unit"].value())

    @property
    def is_suspected(self) -> bool:
        """Whether the field was filled in that no person sees."""
        return bool(self.cleaned_data.get(HONEYPOT))

    def for_service(self) -> dict[str, Any]:
        """The arguments of `services.submit` from a valid form."""
        given = {name: self.cleaned_data[name] for name in ("form_key", "language", "visibility", "name")}
        unit = self.cleaned_data.get("unit")
        filled_in = self.at - self.cleaned_data["form_key"].issued_at
        return {
            **given,
            "answers": self.answers(),
            "suspected": self.is_suspected,
            "filled_in": filled_in,
            "unit_id": int(unit) if unit else None,
        }


@cache
def _around() -> Mapping[str, forms.Field]:
    """What stands below the questions of every window, made once; whoever changes one puts a copy in its place."""
    made: dict[str, forms.Field] = {}
    made.update(fields.offered_fields(_("Language you write in"), languages.OWN_NAMES.items(), _WRONG_CHOICE))
    made["visibility"] = forms.ChoiceField(
        label=_("Who may read this?"),
        help_text=format_lazy(
            "{} {}",
            _("A public text can be read by everyone and quoted when the feedback is summed up."),
            _("“Public, without a name” is chosen unless you choose otherwise."),
        ),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        error_messages=_WRONG_CHOICE,
    )
    made["name"] = forms.CharField(
        label=_("Name to show"),
        help_text=_("Leave this empty if no name is to be shown with your text."),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "nickname"}),
    )
    made["form_key"], made[HONEYPOT] = key_field(), trap()
    return made


class WithdrawForm(forms.Form):
    """The confirmation before one's own text is withdrawn."""

    confirm = forms.BooleanField(
        label=_("Yes, withdraw my text"),
        error_messages={"required": _("Please confirm that you want to withdraw your text.")},
    )


class DiscardForm(forms.Form):
    """The tick before what waits for its author's mail is thrown away by whoever reads the mailbox."""

    confirm = forms.BooleanField(
        label=_("Yes, throw it away: nobody can bring it back"),
        error_messages={
            "required": _("Please confirm that it is to be thrown away. Nothing has been thrown away yet.")
        },
    )


class TellForm(forms.Form):
    """Beside the button that confirms a text: whether its author wants to hear at the same address what comes of it."""

    tell = forms.BooleanField(
        label=_("Tell me at this address what becomes of it"),
        help_text=_(
            "You get a mail if your text is hidden, and when it is answered; also about what you send within the hour "
            "from the same browser. For that alone your address is kept, sealed, and shown to nobody: until you stop "
            "it or withdraw your text, at most a year after the close or the last answers."
        ),
        required=False,
    )
