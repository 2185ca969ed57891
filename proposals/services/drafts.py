"""Changing the working copy of a text: every act of its editors, under the lock of the text.

A copy is nobody's alone. What is kept in it is not public, so the log says when one was begun, published or discarded,
and not each word; who wrote what of a published text, its revisions tell.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals import rules, working
from proposals.drafting import acts, bounds, copies
from proposals.drafting.copies import Copy, Part, Shape
from proposals.models import Draft, Proposal
from proposals.returning import returning
from proposals.services.revisions import held, log_act
from proposals.services.texts import LONGEST_TEXT
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, PortalError
from taskforce.core.text import clean


class Typed(NamedTuple):
    """What a form says of a piece; `token` is that of the piece as the form showed it.

    The shape and the language are as they are where it says nothing of them.
    """

    text: str
    shape: Shape | None
    token: str
    language: str = ""

    def said_of(self, piece: copies.Piece, text: str) -> tuple[object, ...]:
        """What the piece would say and be; `text` is what was typed, cleaned."""
        language = self.language if self.language and piece.has_open_language else piece.language
        return text, (self.shape or piece.shape)[:3], language


class NoRevision(PortalError):
    """The text has no revision of this number."""

    status = 404
    title = gettext_lazy("There is no such revision")


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the same pieces: what they say now, by key; None where one is gone.

    `unread` are those into which nothing was typed, and with which something was to be done.
    """

    def __init__(self, stored: Mapping[str, str | None], unread: Collection[str] = ()) -> None:
        said = _(
            "Somebody else has changed the same paragraph since you opened this page. Nothing of yours was saved "
            "and nothing of theirs was overwritten. Both texts stand below: put yours right and save again."
        )
        if len(unread) == len(stored):
            said = _(
                "Somebody else has changed this paragraph, or the one that follows, since you opened this page. "
                "Nothing was saved and nothing of theirs was overwritten. Read below what stands there now, then press "
                "the button again if you still want it."
            )
        elif all(text is None for key, text in stored.items() if key not in unread):
            said = _(
                "Somebody else has removed a paragraph into which you have typed, since you opened this page. Nothing "
                "of yours was saved. What you had typed stands below: copy from there what you still need."
            )
        super().__init__(said)
        self.stored, self.unread = stored, frozenset(unread)


class SectionChanged(Conflict):
    """Somebody else has changed paragraphs of a section that was to be taken out: those that say something else now."""

    def __init__(self, part: Part, pieces: Sequence[copies.Piece]) -> None:
        super().__init__(
            _(
                "Somebody else has changed this section since you opened this page. Nothing was removed and nothing of "
                "theirs was overwritten. Read below what stands there now, then press “Remove” again if you still want "
                "it."
            )
        )
        self.part, self.pieces = part, pieces


def save(
    proposal_id: int,
    typed: Mapping[str, Typed],
    act: Callable[[Copy], str] | None,
    *,
    about: Sequence[str] = (),
    editor: User,
    at: datetime,
) -> str:
    """Keep what was typed, then do an act, both or nothing; the key of the piece at which to go on, "" for none.

    `about` are the pieces of which the act takes words, one behind the other as the form showed them ("" for none).
    Raises `ChangedMeanwhile` where somebody else has changed one of them, or a piece that was changed here too.
    """

    def both(copy: Copy) -> str:
        unread = _unread(copy, typed, about)
        stored = _write(copy, typed)
        if stored or unread:
            raise ChangedMeanwhile({**unread, **stored}, unread.keys() - stored.keys())
        return act(copy) if act else ""

    return change(proposal_id, both, editor=editor, at=at)


def _unread(copy: Copy, typed: Mapping[str, Typed], about: Sequence[str]) -> dict[str, str]:
    """What an act is about and whoever pressed its button has not read, by key."""
    there = {piece.key: piece for piece in copy.pieces()}
    found = {}
    for key in about:
        piece = there.get(key)
        if piece and not (key in typed and _is_read(typed[key], piece)):
            found[key] = piece.text
    for key, following in pairwise(about):
        now = acts.following(copy, key) if key in there else None
        if now and now.key != following:
            found[now.key] = now.text
    return found


def _is_read(one: Typed, piece: copies.Piece) -> bool:
    """Whether the form showed the piece as it is, or says the same."""
    is_same = one.said_of(piece, cleaned(one.text, piece.text)) == _says(piece)
    return one.token == piece.token or (is_same and piece.theirs is None)


def _write(copy: Copy, typed: Mapping[str, Typed]) -> dict[str, str | None]:
    """Put what was typed into the copy; what somebody else has changed too, by key, as it is now."""
    there = {piece.key: piece for piece in copy.pieces()}
    stored: dict[str, str | None] = {}
    for key, one in typed.items():
        piece = there.get(key)
        text = cleaned(one.text, piece.text if piece else "")
        if piece is None:
            # It is gone; whoever had typed nothing into it loses nothing.
            gone = next((each for part in copy.parts for each in part.pieces if each.key == key), None)
            if text and (gone is None or gone.text != text):
                stored[key] = None
        elif one.said_of(piece, text) == _says(piece):
            continue
        elif one.token == piece.token:
            acts.write(copy, key, text, one.shape, offered(one.language))
        elif not _is_as_shown(one, text, piece):
            stored[key] = piece.text
    return stored


def _says(piece: copies.Piece) -> tuple[object, ...]:
    return piece.text, piece.shape[:3], piece.language


def offered(language: str) -> str:
    """A language of the portal, or "" for none; `Invalid` for another one."""
    if language and not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    return language


def _is_as_shown(one: Typed, text: str, piece: copies.Piece) -> bool:
    """Whether the form only says what it was shown with, so that nobody has typed anything here."""
    shape, language = one.shape or piece.shape, one.language or piece.language
    for theirs in (piece.theirs, None):
        as_shown = copies.Piece(piece.key, shape, language, text, piece.unit, theirs=theirs)
        if as_shown.token == one.token:
            return True
    return False


def cleaned(text: str, before: str = "") -> str:
    """A text as it is kept, without white space around it; `Invalid` where it is too long. What was longer `before`,
    since it was brought in so, may stay so, and shrink."""
    most = max(LONGEST_TEXT, len(before))
    text = clean(text, most=most).strip()
    if len(text) > most:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_TEXT})
    return text


@transaction.atomic
def change(proposal_id: int, act: Callable[[Copy], str], *, editor: User, at: datetime) -> str:
    """Do one act on the working copy and keep it; what the act returns. What it raises has changed nothing."""
    proposal, now = _held(proposal_id, editor)
    before, pieces = bounds.sizes(now.copy), _pieces(now.copy)
    going_on = act(now.copy)
    acts.renumber(now.copy, now.live)
    _refuse_too_large(now.copy, before)
    if bounds.has_too_many(_pieces(now.copy), pieces):
        raise Invalid(_("A text has at most %(count)d paragraphs.") % {"count": bounds.MOST_PIECES})
    content = copies.to_json(now.copy)
    if now.draft is None:
        if content != copies.to_json(now.live):
            Draft.objects.create(proposal=proposal, content=content, editor_id=editor.pk, saved_at=at)
            log_act(proposal, "proposal.draft-begun", at=at, actor_id=editor.pk)
    elif content != now.draft.content:
        now.draft.content, now.draft.editor_id, now.draft.saved_at = content, editor.pk, at
        now.draft.save(update_fields=["content", "editor_id", "saved_at"])
    return going_on


def _pieces(copy: Copy) -> int:
    """How many it holds, those too that were removed and can be taken back."""
    return sum(len(part.pieces) for part in copy.parts)


def _refuse_too_large(copy: Copy, before: bounds.Sizes) -> None:
    """`Invalid` where a section has grown beyond what its page can send; one that was brought in so may shrink."""
    for _key, most, has_too_many in bounds.too_large(bounds.sizes(copy), before):
        said = _("A section has at most %(count)d characters. Move some of it to another section, or to a new one.")
        if has_too_many:
            said = _(
                "A section has at most %(count)d paragraphs. Move some of them to another section, or to a new one."
            )
        raise Invalid(said % {"count": most})


def _held(proposal_id: int, editor: User) -> tuple[Proposal, working.Working]:
    proposal = held(proposal_id)
    rules.require(editor, "text.edit", proposal)
    return proposal, working.working(proposal)


@transaction.atomic
def restore(proposal_id: int, number: int, *, editor: User, at: datetime) -> None:
    """The working copy becomes the text as it stood after an earlier revision, to be read and published anew.

    Raises `Conflict` where something has been changed and not published, which would be lost, `NoRevision` where there
    is none of this number, `Invalid` where nothing differs from it, or where it is larger than what can be changed.
    """
    proposal, now = _held(proposal_id, editor)
    if now.is_changed:
        raise Conflict(
            _("The draft has changes that are not published. Publish or discard them first; then restore the revision.")
        )
    if not proposal.revisions.filter(number=number).exists():
        raise NoRevision(_("This text has no revision %(number)d.") % {"number": number})
    copy = working.restored_copy(proposal, number, now.live)
    _refuse_too_large_a_past(copy, now.live)
    if not now._replace(copy=copy, returning=returning(proposal, copy, now.live)).is_changed:
        raise Invalid(_("The text is as it stood after revision %(number)d.") % {"number": number})
    kept = {"content": copies.to_json(copy), "editor_id": editor.pk, "saved_at": at}
    Draft.objects.update_or_create(proposal=proposal, defaults=kept)
    log_act(proposal, "proposal.draft-begun", at=at, actor_id=editor.pk, revision=number)


def _refuse_too_large_a_past(copy: Copy, live: Copy) -> None:
    """`Invalid` where a revision, brought in before there were bounds, has more than what can be changed on a page."""
    for _key, most, has_too_many in bounds.too_large(bounds.sizes(copy), bounds.sizes(live)):
        said = _(
            "A section of that revision has more than %(count)d characters, too many to be changed on one page, so it "
            "cannot be restored as it was. Open the revision in the history, and copy what you need into the draft."
        )
        if has_too_many:
            said = _(
                "A section of that revision has more than %(count)d paragraphs, too many to be changed on one page, so "
                "it cannot be restored as it was. Open the revision in the history, and copy what you need into the "
                "draft."
            )
        raise Invalid(said % {"count": most}, title=_too_large())
    if bounds.has_too_many(sum(1 for _piece in copy.pieces()), sum(1 for _piece in live.pieces())):
        said = _(
            "That revision has more than %(count)d paragraphs, too many to be changed, so it cannot be restored as it "
            "was. Open it in the history, and copy what you need into the draft."
        )
        raise Invalid(said % {"count": bounds.MOST_PIECES}, title=_too_large())


def _too_large() -> str:
    return _("Too large to be changed")


@transaction.atomic
def discard(proposal_id: int, *, expected: str, editor: User, at: datetime) -> None:
    """Throw away what has not been published; `Conflict` where the copy is not the one that was shown."""
    proposal, now = _held(proposal_id, editor)
    if now.draft is None:
        return
    if now.copy.token != expected:
        raise Conflict(_("The draft has been changed since you opened this page. Nothing was discarded."))
    now.draft.delete()
    log_act(proposal, "proposal.draft-discarded", at=at, actor_id=editor.pk)
