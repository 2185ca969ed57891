"""The only writers of feedback: windows, items, and what becomes of an item."""

from feedback.services.items import OtherText, OverButSent, Receipt, moderate, require_new, submit, withdraw
from feedback.services.windows import Wanted, open_window, publish_window

__all__ = [
    "OtherText",
    "OverButSent",
    "Receipt",
    "Wanted",
    "moderate",
    "open_window",
    "publish_window",
    "require_new",
    "submit",
    "withdraw",
]
