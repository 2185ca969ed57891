"""What the replies of a mail server mean for a mail."""

import re
from typing import NamedTuple

# How far an exchange is: which command a reply answers.
SENDER, RECIPIENT, BODY = "sender", "recipient", "body"
_ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")


class Outcome(NamedTuple):
    """What the row goes through (an action of the transition table), and the server's words.

    `is_the_mailbox`: the refusal is about the mailbox, for good.
    """

    action: str
    detail: str = ""
    is_the_mailbox: bool = False


def meaning(code: int, words: str, stage: str, *, body_began: bool) -> Outcome:
    """What a reply other than "done" means for the row."""
    detail = f"{code} {words}"
    if code // 100 == 5 and stage == SENDER:
        # About the portal (its name, its rights), the same for every mail: no reason to give up any of them at once.
        return Outcome("defer", detail)
    action = {4: "defer", 5: "refuse"}.get(code // 100, "lose" if body_began else "defer")
    return Outcome(action, detail, action == "refuse" and _is_the_mailbox(code, words, stage))


def _is_the_mailbox(code: int, words: str, stage: str) -> bool:
    """Whether a permanent refusal says that this mailbox takes no mail from anybody.

    RFC 3463 tells it exactly where the server gives its code: 5.1.x is the recipient's address (but .7 to .9, which
    are the sender's and the relay's), 5.2.1 a disabled mailbox. A full one (5.2.2), policy (5.7.x), routing (5.4.x) and
    content (5.6.x) are about this mail or this day, and would shut out the innocent. Without such a code RFC 5321 has
    550, 551 and 553 for an unavailable, moved or impossible mailbox, and only as the answer to RCPT; 552 is its
    storage, 554 anything.
    """
    if found := _ENHANCED.match(words):
        subject, detail = int(found[1]), int(found[2])
        return (subject == 1 and detail not in (7, 8, 9)) or (subject, detail) == (2, 1)
    return stage == RECIPIENT and code in (550, 551, 553)
