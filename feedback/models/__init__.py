"""The rows of feedback."""

from feedback.models.answering import Disposition, FinalCall, Release, Theme, ThemedItem
from feedback.models.blocks import FeedbackBlock
from feedback.models.drafts import FeedbackDraft, FeedbackUnconfirmed
from feedback.models.items import RECEIVED_ON, FeedbackAnswer, FeedbackItem, FeedbackWording
from feedback.models.moderation import FeedbackAppeal
from feedback.models.reports import FeedbackReport
from feedback.models.responses import FeedbackAgreement, FeedbackReply
from feedback.models.sheets import Sheet, SheetLine
from feedback.models.summaries import Summary, SummaryDraft, SummaryReminder
from feedback.models.told import ToldMailbox
from feedback.models.translations import FeedbackTranslation
from feedback.models.windows import FeedbackWindow

__all__ = [
    "RECEIVED_ON",
    "Disposition",
    "FeedbackAgreement",
    "FeedbackAnswer",
    "FeedbackAppeal",
    "FeedbackBlock",
    "FeedbackDraft",
    "FeedbackItem",
    "FeedbackReply",
    "FeedbackReport",
    "FeedbackTranslation",
    "FeedbackUnconfirmed",
    "FeedbackWindow",
    "FeedbackWording",
    "FinalCall",
    "Release",
    "Sheet",
    "SheetLine",
    "Summary",
    "SummaryDraft",
    "SummaryReminder",
    "Theme",
    "ThemedItem",
    "ToldMailbox",
]
