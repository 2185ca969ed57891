"""Who may do what to a mail that staff write to the followers; no mail goes out by one person's act."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from taskforce.accounts.queries import has
from taskforce.core import languages, markdown
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.side_by_side import Texts
from taskforce.core.text import clean_name, clean_text
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Bulletin
from taskforce.timeline.rules import WHO

# Which right each action needs.
ACTIONS = {
    **dict.fromkeys(("edit", "leave-out", "test", "offer", "take-back", "correct", "drop"), "bulletin.write"),
    "send": "bulletin.send",
    "stop": "bulletin.stop",
}
# Answers to somebody's own feedback are no mail to all.
TOPICS = (Topic.UPDATES, Topic.ANNOUNCEMENTS, Topic.DEADLINES)
SUBJECT_LENGTH = 200
BODY_LENGTH = 50_000


def entitled(user: Any, task_force_id: int, action: str = "edit") -> tuple[bool, str]:
    """Whether the user's roles allow this for mails to the followers of this task force, and if not, why."""
    if has(user, WHO[ACTIONS[action]], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may write to the followers.")


def may(user: Any, action: str, obj: Bulletin) -> tuple[bool, str]:
    """Whether the user may do this to the bulletin, and if not, why; an unknown action is a KeyError.

    Its state is for the transition table to judge. The moment decides nothing: a mail follows from acts of people.
    """
    allowed, why = entitled(user, obj.task_force_id, action)
    if not allowed:
        return allowed, why
    wrote = user.pk in (obj.author_id, obj.editor_id)
    # Whoever has put a sentence in does not let it out, even if another one was the last to save.
    if action == "send" and (wrote or user.pk in obj.editors):
        return False, _(
            "You wrote this mail or have saved its text. Somebody else must read and send it: "
            "another coordinator, deputy or administrator of the task force."
        )
    if action == "offer" and not wrote:
        return False, _("Whoever wrote this mail or saved its text last offers it: %(name)s.") % {
            "name": obj.editor_name
        }
    return True, ""


def still_the_same(codes: Sequence[str]) -> Invalid:
    """The refusal of a correction that says in these languages what it corrects."""
    names = " · ".join(languages.OWN_NAMES[code] for code in codes)
    return Invalid(
        _("The text is still the one that it corrects in: %(languages)s. Change it there, or leave that language out.")
        % {"languages": names}
    )


def more_than_shown(readers: int) -> Conflict:
    """The refusal of a yes that was given for fewer readers than there are by now."""
    return Conflict(
        _("Meanwhile more people follow this topic: %(count)d. Nothing was sent; look once more and confirm.")
        % {"count": readers}
    )


def checked_topic(topic: str) -> str:
    """The topic; `Invalid` for one that staff do not write about."""
    if topic not in TOPICS:
        raise Invalid(_("“%(name)s” is nothing that staff write about.") % {"name": topic})
    return topic


def checked_texts(subjects: dict[str, str], bodies: dict[str, str]) -> Texts:
    """Subjects and bodies per language, cleaned; `Invalid` for an unknown language or a text that cannot be sent."""
    for code in {*subjects, *bodies}:
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
    return (
        {code: checked_subject(text) for code, text in subjects.items()},
        {code: checked_body(text) for code, text in bodies.items()},
    )


def checked_subject(subject: str) -> str:
    """The subject as it is stored: one line, without disguises."""
    subject = clean_name(subject, most=SUBJECT_LENGTH)
    if len(subject) > SUBJECT_LENGTH:
        raise Invalid(_("The subject is too long: at most %(count)d characters.") % {"count": SUBJECT_LENGTH})
    return subject


@lru_cache(maxsize=4)  # the form asks, then the service: a long text takes half a second each time
def _has_half_an_address(body: str) -> bool:
    return 'href="//' in markdown.render(body)


def checked_body(body: str) -> str:
    """The text as it is stored; `Invalid` if it is too long or has what would be broken in a mail."""
    body = clean_text(body, most=BODY_LENGTH)
    if len(body) > BODY_LENGTH:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": BODY_LENGTH})
    if _has_half_an_address(body):
        raise Invalid(_("A link in a mail needs its whole address, with https:// in front."))
    return body
