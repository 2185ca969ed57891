"""The only writer of recruitment: one function per action."""

from recruitment.services.applications import (
    Draft,
    open_application,
    require_open,
    save_draft,
    submit,
)
from recruitment.services.calls import publish_call
from recruitment.services.decisions import Released, decide, name_of, read_names, release
from recruitment.services.reviews import require_review_open, save_review
from recruitment.services.withdrawing import take_back, withdraw

__all__ = [
    "Draft",
    "Released",
    "decide",
    "name_of",
    "open_application",
    "publish_call",
    "read_names",
    "release",
    "require_open",
    "require_review_open",
    "save_draft",
    "save_review",
    "submit",
    "take_back",
    "withdraw",
]
