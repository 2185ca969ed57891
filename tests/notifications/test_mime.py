"""The body of a mail: whatever the two texts hold, a mail program reads the same, and every server can take it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskforce.notifications import mime

# Everything that a text can hold: `core.text.clean` has taken other control characters and surrogates out.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t\r\n")) | st.text(
    "a =.\n-é截", max_size=400
)


def read(content: bytes) -> list[EmailMessage]:
    """Both forms as a mail program has them; nothing about the mail may be wrong."""
    mail = message_from_bytes(content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    assert mail.get_content_type() == "multipart/alternative"
    parts = [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert not [defect for one in (mail, *parts) for defect in one.defects]
    return parts


def lines(text: str) -> list[str]:
    """The lines of a text, however they end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


@pytest.mark.long
@given(TEXTS, TEXTS)
def test_what_is_read_is_what_was_written(text: str, html: str) -> None:
    parts = read(mime.alternative(text, html))
    assert [lines(part.get_content()) for part in parts] == [lines(text), lines(html)]


@pytest.mark.long
@given(TEXTS, TEXTS)
def test_lines_are_short_plain_and_end_with_crlf(text: str, html: str) -> None:
    content = mime.alternative(text, html)
    assert content.isascii()
    assert content.endswith(b"\r\n")
    assert not set(b"\r\n") & set(content.replace(b"\r\n", b""))
    assert max(map(len, content.split(b"\r\n"))) <= mime.LONGEST_LINE
    for part in read(content):
        if part["Content-Transfer-Encoding"] != "7bit":
            lines_of_part = str(part.get_payload()).splitlines()
            assert max(map(len, lines_of_part), default=0) <= mime.LONGEST_ENCODED


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("The deadline has moved.", "7bit"),
        ("x" * (mime.LONGEST_LINE + 1), "quoted-printable"),
        ("é" + 68 * "x" + " \nx", "base64"),
        ("La fecha límite ha cambiado, lea la página.", "quoted-printable"),
        ("截止日期已變更。", "base64"),
    ],
)
def test_the_lightest_encoding(text: str, encoding: str) -> None:
    assert [part["Content-Transfer-Encoding"] for part in read(mime.alternative(text, text))] == [encoding] * 2
