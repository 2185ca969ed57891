"""The only writers of task forces, phases, changes of their ends, and subscriptions."""

from taskforce.timeline.services.changes import cancel_phase, close_early, extend, refusal_of, shorten
from taskforce.timeline.services.digests import begin_digest, send_digests
from taskforce.timeline.services.drafts import discard_draft, draft_phase, edit_phase, publish_draft, seen
from taskforce.timeline.services.events import notice_due
from taskforce.timeline.services.filling import close_full
from taskforce.timeline.services.following import (
    Confirmed,
    ask_to_follow,
    choose,
    confirm,
    follow,
    follow_by_account,
    forget_unanswered,
    leave,
    speak,
)
from taskforce.timeline.services.labels import announce_correction, correct_label, put_right
from taskforce.timeline.services.naming import names_seen, rename
from taskforce.timeline.services.oldwords import drop_old_word, keep_as_it_is, look_for_old_word, look_once_more
from taskforce.timeline.services.pasted import Report, add_followers
from taskforce.timeline.services.phases import publish_phase, translate_title
from taskforce.timeline.services.task_forces import change_state, create_task_force
from taskforce.timeline.services.verdicts import decide

__all__ = [
    "Confirmed",
    "Report",
    "add_followers",
    "announce_correction",
    "ask_to_follow",
    "begin_digest",
    "cancel_phase",
    "change_state",
    "choose",
    "close_early",
    "close_full",
    "confirm",
    "correct_label",
    "create_task_force",
    "decide",
    "discard_draft",
    "draft_phase",
    "drop_old_word",
    "edit_phase",
    "extend",
    "follow",
    "follow_by_account",
    "forget_unanswered",
    "keep_as_it_is",
    "leave",
    "look_for_old_word",
    "look_once_more",
    "names_seen",
    "notice_due",
    "publish_draft",
    "publish_phase",
    "put_right",
    "refusal_of",
    "rename",
    "seen",
    "send_digests",
    "shorten",
    "speak",
    "translate_title",
]
