"""Pages of feedback: the window with its form, and one's own text by its link."""

from feedback.views.own import edit, mine, withdraw
from feedback.views.window import window_page

__all__ = ["edit", "mine", "window_page", "withdraw"]
