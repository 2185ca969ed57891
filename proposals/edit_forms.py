"""What the editors of a text type."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from proposals.drafting.copies import Part, Piece, Shape
from proposals.enums import SectionKind, UnitKind
from proposals.services.drafts import Typed
from proposals.services.texts import LONGEST_SUMMARY, LONGEST_TEXT
from taskforce.core import languages
from taskforce.core.choices import offer
from taskforce.core.text import clean, may_fit

# What a piece can be, besides a title or the heading of a section, as the form writes it: kind, level, numbered.
_KINDS = {
    "paragraph:0:0": _("Paragraph"),
    "heading:1:0": _("Subheading"),
    "list-item:0:0": _("List item"),
    "list-item:1:0": _("List item, second level"),
    "list-item:2:0": _("List item, third level"),
    "list-item:0:1": _("Numbered item"),
    "list-item:1:1": _("Numbered item, second level"),
    "list-item:2:1": _("Numbered item, third level"),
    "quote:0:0": _("Quote"),
    "note:0:0": pgettext_lazy("of a text", "Note"),
}
# Of a page that was brought in; nobody makes a piece one of these.
_OWN_KINDS = ("heading:2:0", "heading:3:0", "quote:1:0", "paragraph:1:0")
_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the list.")}
# What can be chosen of a piece besides its words.
_CHOSEN = ("kind", "language")


def code_of(shape: Shape) -> str:
    """A shape as the form writes it; the number of an item or a note is nobody's to type."""
    return f"{shape.kind}:{shape.depth}:{int(shape.ordered)}"


def _shape_of(code: str) -> Shape:
    kind, depth, ordered = code.split(":")
    return Shape(kind, int(depth), ordered == "1")


def _choices(piece: Piece) -> list[tuple[str, Any]]:
    own = code_of(piece.shape)
    known = list(_KINDS.items())
    return known if own in _KINDS else [(own, UnitKind(piece.kind).label), *known]


class SectionForm(forms.Form):
    """Every piece of a section: `text-KEY`, `kind-KEY` and `language-KEY` where they can be chosen, `version-KEY`
    (hidden)."""

    def __init__(self, part: Part, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.pieces = [piece for piece in part.shown if not piece.is_dates]
        for number, piece in enumerate(self.pieces, start=1):
            self._add(piece, number)

    def _add(self, piece: Piece, number: int) -> None:
        attrs = {
            "rows": min(14, (1 if piece.is_fixed else 2) + len(piece.text) // 60),
            "lang": languages.html_lang(piece.language),
            # Before anything is saved in the language that is chosen, its words say which way they run.
            "dir": "auto" if piece.has_open_language else languages.direction(piece.language),
            "data-edit-text": "",
        }
        self.fields[f"text-{piece.key}"] = forms.CharField(
            label=label_of(piece, number),
            required=False,
            strip=False,
            # What was brought in longer, before imports kept to that, can be saved and shortened.
            max_length=max(LONGEST_TEXT, len(piece.text)),
            initial=piece.text,
            widget=forms.Textarea(attrs),
        )
        self.fields[f"version-{piece.key}"] = forms.CharField(
            required=False, initial=piece.token, widget=forms.HiddenInput
        )
        if not piece.is_fixed:
            self.fields[f"kind-{piece.key}"] = forms.ChoiceField(
                label=gettext("What it is"),
                required=False,
                choices=_choices(piece),
                initial=code_of(piece.shape),
                error_messages=_WRONG_CHOICE,
            )

        if piece.has_open_language:
            self.fields[f"language-{piece.key}"] = language_field(initial=piece.language)

    @classmethod
    def filled(cls, part: Part, typed: Mapping[str, Any]) -> "SectionForm":
        """The form of a section with what somebody had typed there, on the versions that they had seen.

        What they were not shown is as it is stored, and never empty.
        """
        shown = cls(part)
        values = {name: typed[name] for name in shown.fields if name in typed}
        for name in shown.fields:
            kind, _dash, key = name.partition("-")
            if name not in typed and (kind in _CHOSEN or f"text-{key}" not in typed):
                values[name] = shown[name].value()
        return cls(part, values)

    def typed(self) -> dict[str, Typed]:
        """{key: what was typed}; what the post does not name has not been typed into."""
        found = {}
        for piece in self.pieces:
            name = f"text-{piece.key}"
            if name in self.data:
                code = self.cleaned_data.get(f"kind-{piece.key}")
                shape = _shape_of(code) if code else None
                version = self.cleaned_data[f"version-{piece.key}"]
                language = self.cleaned_data.get(f"language-{piece.key}", "")
                found[piece.key] = Typed(self.cleaned_data[name], shape, version, language)
        return found


def touched(posted: Mapping[str, str]) -> list[str]:
    """The fields of those pieces that do not say what the form was shown with: somebody has typed there."""
    found = []
    for name in posted:
        key = name.removeprefix("text-")
        if key != name and not _is_as_shown(posted, key):
            fields = (name, *(f"{chosen}-{key}" for chosen in _CHOSEN), f"version-{key}")
            found += [field for field in fields if field in posted]
    return found


def _texts(posted: Mapping[str, str]) -> list[str]:
    return [name for name in touched(posted) if name.startswith("text-")]


def _reasons(posted: Mapping[str, str]) -> list[str]:
    return [name for name in posted if name.startswith("reason-")]


# By page: the fields in which somebody has written, to be given back where the page is gone.
WRITTEN: Mapping[str, Callable[[Mapping[str, str]], Collection[str]]] = {
    "edit": lambda posted: ("heading",),
    "edit_section": _texts,
    "edit_publish": lambda posted: ("summary",),
    "edit_end": _reasons,
    "texts": lambda posted: ("title", "slug"),
}


def _is_as_shown(posted: Mapping[str, str], key: str) -> bool:
    code = posted.get(f"kind-{key}")
    shapes = [Shape(UnitKind.TITLE), Shape(UnitKind.HEADING)]
    if code is not None:
        shapes = [_shape_of(each) for each in (*_KINDS, *_OWN_KINDS) if each == code]
    text = posted.get(f"text-{key}", "")
    if not may_fit(text, LONGEST_TEXT):
        return False
    text = clean(text).strip()
    # Of what is published nobody chooses the language; of what is new and joined it is not sent.
    unit = None if key.startswith("n") else 0
    codes = [posted.get(f"language-{key}", "")] if unit is not None or f"language-{key}" in posted else languages.CODES
    return posted.get(f"version-{key}") in [
        Piece(key, shape, code, text, unit).token for shape in shapes for code in codes
    ]


def label_of(piece: Piece, number: int) -> str:
    """What a field is called: what the piece is, and its place among the pieces of the section."""
    if piece.kind == UnitKind.TITLE:
        return gettext("Title of the text")
    if piece.is_fixed:
        return gettext("Heading of the section")
    name = str(_KINDS.get(code_of(piece.shape), UnitKind(piece.kind).label))
    return gettext("%(number)d. %(kind)s") % {"number": number, "kind": name}


def language_field(initial: str = "") -> forms.ChoiceField:
    """In which language something new is written; nothing chosen is that of what stands beside it."""
    return forms.ChoiceField(
        label=_("Language in which it is written"),
        required=False,
        choices=list(languages.OWN_NAMES.items()),
        initial=initial,
        error_messages=_WRONG_CHOICE,
    )


class NewSectionForm(forms.Form):
    """A new section: its heading and the language of that, what it holds besides words, and where it stands."""

    heading = forms.CharField(label=_("Heading of the new section"), max_length=LONGEST_TEXT)
    language = language_field()
    kind = forms.ChoiceField(label=_("What it holds"), choices=SectionKind.choices, error_messages=_WRONG_CHOICE)
    after = forms.ChoiceField(label=_("Where"), required=False, error_messages=_WRONG_CHOICE)

    def __init__(
        self, places: Sequence[tuple[str, str]], data: Mapping[str, Any] | None = None, *, language: str = ""
    ) -> None:
        super().__init__(data, initial={"language": language})
        offer(self, "after", [("", _("At the end")), *places])


class PlaceForm(forms.Form):
    """Behind which piece another one is to stand."""

    after = forms.ChoiceField(
        label=_("Put it after"),
        widget=forms.RadioSelect,
        error_messages=_WRONG_CHOICE | {"required": _("Choose a place.")},
    )

    def __init__(self, places: Sequence[tuple[str, Any]], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        offer(self, "after", places)


class PublishForm(forms.Form):
    """What an editor says of what is published."""

    summary = forms.CharField(
        label=_("Edit summary"),
        help_text=_("What you have changed, and why, in a few words. Everybody reads it in the history."),
        max_length=LONGEST_SUMMARY,
        widget=forms.Textarea({"rows": 2}),
    )
    is_minor = forms.BooleanField(
        label=_("Minor for translators"),
        help_text=_(
            "Only spelling, punctuation or the like: translations stay up to date, and nobody is asked to look at them "
            "again."
        ),
        required=False,
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None, is_first: bool = False
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        if is_first:
            del self.fields["is_minor"]
