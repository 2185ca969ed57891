"""Pages of feedback: the window with its form, one's own text by its link, and what waits for its author's mail."""

from feedback.views.agreeing import agree
from feedback.views.confirming import again, confirm
from feedback.views.own import edit, mine, withdraw
from feedback.views.replying import one_reply, own_reply, reply
from feedback.views.reporting import report, reported
from feedback.views.telling import stop
from feedback.views.translating import translate, translate_item
from feedback.views.translating_summary import translate_summary
from feedback.views.window import window_page

__all__ = [
    "again",
    "agree",
    "confirm",
    "edit",
    "mine",
    "one_reply",
    "own_reply",
    "reply",
    "report",
    "reported",
    "stop",
    "translate",
    "translate_item",
    "translate_summary",
    "window_page",
    "withdraw",
]
