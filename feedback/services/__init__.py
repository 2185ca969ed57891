"""The only writers of feedback: windows, items, what was said elsewhere, and what becomes of an item."""

from feedback.services.agreeing import agree, disagree
from feedback.services.appeals import appeal, decide_appeal
from feedback.services.as_read import OtherWords
from feedback.services.blocking import block, forget_posters, lift
from feedback.services.confirming import (
    confirm,
    confirm_all,
    drop_unconfirmed,
    forget_unconfirmed,
    send_again,
    send_to_confirm,
)
from feedback.services.correcting import correct
from feedback.services.deciding import Many, moderate_many
from feedback.services.drafts import (
    KeptElsewhere,
    NotKeptAnyMore,
    drop_draft,
    drop_sent,
    forget_drafts,
    keep_draft,
    kept_until,
)
from feedback.services.editing import OtherWording, edit, require_editable
from feedback.services.entered import Told, appeal_entered, enter, take_back
from feedback.services.exports import export
from feedback.services.items import (
    OtherAccount,
    OtherText,
    OverButSent,
    Receipt,
    own_link,
    require_new,
    submit,
    withdraw,
)
from feedback.services.moderation import moderate
from feedback.services.reply_moderation import appeal_reply, decide_reply_appeal, moderate_reply
from feedback.services.replying import OtherReply, Reply, answer, reply, withdraw_reply
from feedback.services.reporting import Report, forget_reports, leave, report
from feedback.services.sheets import Pasted, PastedLine, paste
from feedback.services.telling import forget_mailboxes, forget_told, stop_telling
from feedback.services.translating import OtherTranslation, Words, translate
from feedback.services.windows import Wanted, open_window, publish_window, put_right

__all__ = [
    "KeptElsewhere",
    "Many",
    "NotKeptAnyMore",
    "OtherAccount",
    "OtherReply",
    "OtherText",
    "OtherTranslation",
    "OtherWording",
    "OtherWords",
    "OverButSent",
    "Pasted",
    "PastedLine",
    "Receipt",
    "Reply",
    "Report",
    "Told",
    "Wanted",
    "Words",
    "agree",
    "answer",
    "appeal",
    "appeal_entered",
    "appeal_reply",
    "block",
    "confirm",
    "confirm_all",
    "correct",
    "decide_appeal",
    "decide_reply_appeal",
    "disagree",
    "drop_draft",
    "drop_sent",
    "drop_unconfirmed",
    "edit",
    "enter",
    "export",
    "forget_drafts",
    "forget_mailboxes",
    "forget_posters",
    "forget_reports",
    "forget_told",
    "forget_unconfirmed",
    "keep_draft",
    "kept_until",
    "leave",
    "lift",
    "moderate",
    "moderate_many",
    "moderate_reply",
    "open_window",
    "own_link",
    "paste",
    "publish_window",
    "put_right",
    "reply",
    "report",
    "require_editable",
    "require_new",
    "send_again",
    "send_to_confirm",
    "stop_telling",
    "submit",
    "take_back",
    "translate",
    "withdraw",
    "withdraw_reply",
]
