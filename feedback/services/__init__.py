"""The only writers of feedback: windows, items, what was said elsewhere, and what becomes of an item."""

from feedback.services.entered import Told, enter, take_back
from feedback.services.items import OtherText, OverButSent, Receipt, moderate, require_new, submit, withdraw
from feedback.services.sheets import Pasted, PastedLine, paste
from feedback.services.windows import Wanted, open_window, publish_window

__all__ = [
    "OtherText",
    "OverButSent",
    "Pasted",
    "PastedLine",
    "Receipt",
    "Told",
    "Wanted",
    "enter",
    "moderate",
    "open_window",
    "paste",
    "publish_window",
    "require_new",
    "submit",
    "take_back",
    "withdraw",
]
