"""What becomes of what was said: themes, the dispositions of items and themes, and what still waits for one.

Only what is published counts as to be answered. An item's own disposition goes before that of its theme.
"""

from feedback.answering.finals import final_on_text, last_final_call, windows_on
from feedback.answering.narrowing import narrowed, units_in
from feedback.answering.of_revisions import Answered, answered_in, in_revision, revisions
from feedback.answering.of_themes import Offered, ThemeAt, earlier_of, is_public, public_themes, theme_in, themes
from feedback.answering.releasing import Ready, drafts, ready, to_release
from feedback.answering.standing import (
    NO_THEME,
    UNDECIDED,
    Answer,
    answer_of,
    answers_of,
    decided,
    earlier,
    in_theme,
    outcomes,
    own_answers,
    to_answer,
    with_outcome,
)
from feedback.answering.undone import Left, left, left_with_coming, waiting_for, window_to_answer_or_404

__all__ = [
    "NO_THEME",
    "UNDECIDED",
    "Answer",
    "Answered",
    "Left",
    "Offered",
    "Ready",
    "ThemeAt",
    "answer_of",
    "answered_in",
    "answers_of",
    "decided",
    "drafts",
    "earlier",
    "earlier_of",
    "final_on_text",
    "in_revision",
    "in_theme",
    "is_public",
    "last_final_call",
    "left",
    "left_with_coming",
    "narrowed",
    "outcomes",
    "own_answers",
    "public_themes",
    "ready",
    "revisions",
    "theme_in",
    "themes",
    "to_answer",
    "to_release",
    "units_in",
    "waiting_for",
    "window_to_answer_or_404",
    "windows_on",
    "with_outcome",
]
