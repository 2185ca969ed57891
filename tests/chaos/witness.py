"""What the mail server has written down."""

import json
from collections import Counter
from email.header import decode_header, make_header
from typing import Any

from tests.chaos.stack import Stack


def log(stack: Stack) -> list[dict[str, Any]]:
    """Every whole line of the mail server's log, in order."""
    if not stack.mail_log.exists():
        return []
    lines = stack.mail_log.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines]


def mailed(stack: Stack) -> Counter[str]:
    """How often each Message-ID was delivered."""
    return Counter(line["id"] for line in log(stack) if "id" in line)


def arrivals(stack: Stack) -> list[tuple[str, str]]:
    """Subject and mailbox of each mail, in the order in which the server took them."""
    return [(str(make_header(decode_header(line["subject"]))), line["to"]) for line in log(stack) if "id" in line]


def delivered(stack: Stack) -> int:
    """How many mails the server has taken."""
    return stack.mail_log.read_bytes().count(b'{"id": ') if stack.mail_log.exists() else 0
