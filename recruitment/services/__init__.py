"""The only writer of recruitment: one function per action."""

from recruitment.services.applications import (
    ChangedMeanwhile,
    Draft,
    Said,
    Stored,
    open_application,
    require_open,
    save_draft,
    submit,
)
from recruitment.services.building import (
    add_clarification,
    add_criterion,
    check_seen,
    choose_questions,
    discard_call,
    draft_call,
    edit_call,
    edit_clarification,
    edit_criterion,
    move_clarification,
    move_criterion,
    publish_draft,
    remove_clarification,
    remove_criterion,
    weigh,
)
from recruitment.services.call_acts import as_kept, change_criteria, change_seats, put_right
from recruitment.services.calls import publish_call
from recruitment.services.decisions import Released, decide, name_of, read_names, release
from recruitment.services.reminding import remind, set_reminders
from recruitment.services.reviews import require_review_open, save_review
from recruitment.services.withdrawing import take_back, withdraw

__all__ = [
    "ChangedMeanwhile",
    "Draft",
    "Released",
    "Said",
    "Stored",
    "add_clarification",
    "add_criterion",
    "as_kept",
    "change_criteria",
    "change_seats",
    "check_seen",
    "choose_questions",
    "decide",
    "discard_call",
    "draft_call",
    "edit_call",
    "edit_clarification",
    "edit_criterion",
    "move_clarification",
    "move_criterion",
    "name_of",
    "open_application",
    "publish_call",
    "publish_draft",
    "put_right",
    "read_names",
    "release",
    "remind",
    "remove_clarification",
    "remove_criterion",
    "require_open",
    "require_review_open",
    "save_draft",
    "save_review",
    "set_reminders",
    "submit",
    "take_back",
    "weigh",
    "withdraw",
]
