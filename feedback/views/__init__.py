"""Pages of feedback: the window with its form, one's own text by its link, and what waits for its author's mail."""

from feedback.views.confirming import confirm
from feedback.views.own import edit, mine, withdraw
from feedback.views.window import window_page

__all__ = ["confirm", "edit", "mine", "window_page", "withdraw"]
