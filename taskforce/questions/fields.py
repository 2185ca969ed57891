"""One field for each kind of question; labels are HTML that says its language where that is not the page's."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

from babel import numbers
from django import forms
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from taskforce.core import labels, languages, lengths, text
from taskforce.questions import spoken
from taskforce.questions.enums import (
    IN_WORDS,
    LONGEST_ANSWER,
    LONGEST_LINE,
    NO_ANSWER,
    OTHER_LANGUAGE,
    QuestionKind,
    Region,
)
from taskforce.questions.models import Choice, Question

Choices = list[tuple[str, "str | SafeString | Promise"]]


class LongText(forms.CharField):
    """A text area. The limit counts code points, or `by_script` (`core.lengths`), and stands in words: a `maxlength`
    would cut what is pasted without telling, and it counts some characters double."""

    widget: type[forms.Widget] = forms.Textarea
    # Under what it is folded ("": not at all).
    fold: str = ""

    def __init__(self, *, most: int, by_script: bool = False, **options: Any) -> None:
        self.most, self.by_script = most, by_script
        super().__init__(**options)
        # For the script that counts along while somebody types.
        self.widget.attrs |= {"dir": "auto", "data-most": str(most), **({"data-wide": True} if by_script else {})}
        if isinstance(self.widget, forms.Textarea):
            self.widget.attrs["rows"] = 8

    def to_python(self, value: Any) -> str:
        """As it was typed; empty where nothing of it can be seen."""
        typed = super().to_python(value) or ""
        return "" if text.is_blank(typed) else typed

    def validate(self, value: str) -> None:
        """Required, and not longer than allowed; the message says by how much it is too long."""
        super().validate(value)
        over = (lengths.counted(value) if self.by_script else len(value)) - self.most
        if over > 0:
            message = ngettext(
                "This is %(over)s character too long: %(most)s are possible.",
                "This is %(over)s characters too long: %(most)s are possible.",
                over,
            )
            numbers_in_words = {"over": in_words(over), "most": in_words(self.most)}
            raise forms.ValidationError(message % numbers_in_words, "max_length")


class ShortText(LongText):
    """A line; what was pasted with line ends becomes one, as a browser's own field does it."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> str:
        """As it was typed, on one line."""
        return " ".join(super().to_python(value).splitlines())


class SeveralChoices(forms.MultipleChoiceField):
    """Boxes to be ticked, at least and at most so many (0: any number); nothing ticked is no answer."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, least: int, most: int, choices: Choices, **options: Any) -> None:
        self.least, self.most = least, most
        self.codes = [code for code, _label in choices]
        super().__init__(choices=choices, **options)

    def to_python(self, value: Any) -> list[str]:
        """Each once, in the order of the choices: the same boxes are the same answer."""
        ticked = set(super().to_python(value))
        return [code for code in self.codes if code in ticked] + sorted(ticked - {*self.codes})

    def validate(self, value: list[str]) -> None:
        """Required, known, and as many as are asked for."""
        super().validate(value)
        if value and len(value) < self.least:
            message = _("Please choose %(least)s at least.")
            raise forms.ValidationError(message % {"least": in_words(self.least)}, "too_few")
        if self.most and len(value) > self.most:
            message = _("Please choose %(most)s at most.")
            raise forms.ValidationError(message % {"most": in_words(self.most)}, "too_many")


class OneLanguage(forms.ChoiceField):
    """A language of the list; whether a required one is answered the form says, which knows the field beside it too."""

    def validate(self, value: str) -> None:
        """Only what is in the list."""
        if value and not self.valid_value(value):
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice")


class LanguageList(forms.Select):
    """A list of hundreds of languages, drawn from one text for each language of the page: a template for each of them
    would be most of the page's work."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """As Django's, but for the options."""
        widget = self.get_context(name, value, attrs)["widget"]
        chosen = str(value or "")
        first = [(str(key), key == chosen, words) for key, words in self.choices if str(key) not in spoken.offered()]
        options = _drawn(first) + _listed(get_language() or "en", chosen if chosen in spoken.offered() else "")
        return format_html("<select{}>{}</select>", flatatt({"name": name, **widget["attrs"]}), options)


def _drawn(options: Iterable[tuple[str, bool, Any]]) -> SafeString:
    marked_ones = ((flatatt({"value": key, "selected": is_chosen}), words) for key, is_chosen, words in options)
    return format_html_join("", "<option{}>{}</option>", marked_ones)


@lru_cache(maxsize=64)
def _listed(code: str, chosen: str) -> SafeString:
    """The options of all languages, those of the portal first."""
    own = len(languages.CODES)
    drawn = []
    for tag, called in spoken.names(code).items():
        attributes = {"value": tag, "selected": tag == chosen}
        if called.language != code:
            attributes["lang"] = languages.html_lang(called.language)
        drawn.append((flatatt(attributes), called.text))
    groups = ((_("Languages of this portal"), drawn[:own]), (_("All other languages"), drawn[own:]))
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        ((name, format_html_join("", "<option{}>{}</option>", some)) for name, some in groups),
    )


def made(question: Question, language: str | None, *, draft: bool, by_script: bool = False) -> forms.Field:
    """The field of a question; with `draft` it may stay open though it is required, with `by_script` a limit of words
    is counted so."""
    make: Callable[..., forms.Field] = _MAKERS[QuestionKind(question.kind)]
    if question.kind in IN_WORDS:
        make = partial(make, by_script=by_script)
    return make(
        question,
        language,
        label=marked(question, "label", language),
        help_text=marked(question, "help_text", language),
        required=question.required and not draft,
    )


def other_language(question: Question, language: str | None) -> forms.Field:
    """The field beside the list of languages, for one that is not in it."""
    field = ShortText(
        most=spoken.LONGEST_NAME,
        required=False,
        label=_("Which language, if it is another one"),
        help_text=marked(question, "label", language),
    )
    field.fold = _("Another language, if it is not in the list")
    return field


def at_most(most: int, *, by_script: bool) -> str:
    """How long a text may be, in words."""
    said = {"most": in_words(most)}
    if by_script:
        return (
            ngettext(
                "At most %(most)s character; Chinese, Japanese and Korean ones count as two.",
                "At most %(most)s characters; Chinese, Japanese and Korean ones count as two.",
                most,
            )
            % said
        )
    return ngettext("At most %(most)s character.", "At most %(most)s characters.", most) % said


def _text(question: Question, language: str | None, *, by_script: bool, **options: Any) -> forms.Field:
    is_line = question.kind == QuestionKind.SHORT_TEXT
    longest = LONGEST_LINE if is_line else LONGEST_ANSWER
    most = min(question.max_length or longest, longest)
    options["help_text"] = _joined(options["help_text"], at_most(most, by_script=by_script))
    make = ShortText if is_line else LongText
    return make(
        most=most, by_script=by_script, error_messages={"required": _("Please answer this question.")}, **options
    )


def _one_choice(question: Question, language: str | None, **options: Any) -> forms.Field:
    return _radios([(choice.code, marked(choice, "label", language)) for choice in question.choices.all()], **options)


def _scale(question: Question, language: str | None, **options: Any) -> forms.Field:
    choices: Choices = [
        (str(step), scale_step(question, step, language)) for step in range(question.least, question.most + 1)
    ]
    return _radios(choices, **options)


def _region(question: Question, language: str | None, **options: Any) -> forms.Field:
    return _radios([(str(code), label) for code, label in Region.choices], **options)


def _radios(choices: Choices, *, required: bool, **texts: Any) -> forms.ChoiceField:
    # A radio button cannot be taken back: without this an answer given by mistake would have to stay.
    open_end: Choices = [] if required else [(NO_ANSWER, _("No answer"))]
    return forms.ChoiceField(
        choices=choices + open_end,
        widget=forms.RadioSelect,
        required=required,
        error_messages={
            "required": _("Please choose one."),
            "invalid_choice": _("Please choose one of the answers given here."),
        },
        **texts,
    )


def _several(question: Question, language: str | None, *, required: bool, **texts: Any) -> forms.Field:
    choices: Choices = [(choice.code, marked(choice, "label", language)) for choice in question.choices.all()]
    texts["help_text"] = _joined(texts["help_text"], _how_many(question.least, question.most, len(choices)))
    return SeveralChoices(
        least=question.least,
        most=question.most,
        choices=choices,
        required=required,
        error_messages={
            "required": _("Please choose one at least."),
            "invalid_choice": _("Please choose among the answers given here."),
        },
        **texts,
    )


def _how_many(least: int, most: int, choices: int) -> str:
    """How many may be chosen, for people."""
    if least and least == most:
        return _("Choose %(least)s.") % {"least": in_words(least)}
    if least > 1 and most:
        return _("Choose %(least)s to %(most)s.") % {"least": in_words(least), "most": in_words(most)}
    if least > 1:
        return _("Choose %(least)s or more.") % {"least": in_words(least)}
    if most and most < choices:
        return _("Choose %(most)s at most.") % {"most": in_words(most)}
    return _("Choose as many as you like.")


def _language(question: Question, language: str | None, *, required: bool, **texts: Any) -> forms.Field:
    first = ("", _("Choose…")) if required else (NO_ANSWER, _("No answer"))
    listed = [(tag, called.text) for tag, called in spoken.names(get_language() or "en").items()]
    return OneLanguage(
        choices=[first, (OTHER_LANGUAGE, _("Another language (name it below)")), *listed],
        widget=LanguageList,
        required=required,
        error_messages={"invalid_choice": _("Please choose a language of the list, or name another one.")},
        **texts,
    )


_MAKERS: Mapping[QuestionKind, Callable[..., forms.Field]] = {
    QuestionKind.LONG_TEXT: _text,
    QuestionKind.SHORT_TEXT: _text,
    QuestionKind.ONE_CHOICE: _one_choice,
    QuestionKind.SEVERAL: _several,
    QuestionKind.SCALE: _scale,
    QuestionKind.LANGUAGE: _language,
    QuestionKind.REGION: _region,
}


def scale_step(question: Question, step: int, language: str | None = None) -> SafeString:
    """A number of a scale; at its ends with what they mean."""
    end = {question.least: "least_label", question.most: "most_label"}.get(step)
    said = marked(question, end, language) if end else ""
    number = in_words(step)
    return format_html("{} <bdi>({})</bdi>", number, said) if said else conditional_escape(number)


def marked(obj: Question | Choice, field: str, language: str | None) -> SafeString:
    """A label as HTML; in another language than the page's, it says so to browsers and screen readers."""
    found = labels.label(obj, field, language)
    if not found.text or found.language == get_language():
        return conditional_escape(found.text)
    tag, direction = languages.html_lang(found.language), languages.direction(found.language)
    return format_html('<span lang="{}" dir="{}">{}</span>', tag, direction, found.text)


def _joined(help_text: SafeString, limit: str) -> SafeString | str:
    return format_html("{} <bdi>{}</bdi>", help_text, limit) if help_text else limit


def in_words(value: int) -> str:
    """A number as the page's language writes it."""
    return str(numbers.format_decimal(value, locale=languages.locale_of(get_language() or "en")))
