"""One text in two forms as the body of a mail: multipart/alternative, in lines of seven bits that any server takes.

Written out, since `email.message.EmailMessage` reads anew each header that it writes, which would be a third of what a
mail costs. The encodings are the standard library's.
"""

import base64
import binascii
import secrets

# RFC 5322, 2.1.1: lines should not be longer than this, without their end.
LONGEST_LINE = 78
# RFC 2045, 6.7 and 6.8.
LONGEST_ENCODED = 76
# With fewer than one byte in so many beyond ASCII, quoted-printable is the shorter encoding, and can be read.
_MOSTLY_PLAIN = 6


def alternative(text: str, html: str) -> bytes:
    """The headers of the body, an empty line, the body; every line ends with CRLF (RFC 2046, 5.1.4: the best last)."""
    boundary = f"=_{secrets.token_hex(16)}"
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
    between, end = f"--{boundary}\r\n".encode(), f"--{boundary}--\r\n".encode()
    return b"".join((head.encode(), between, _part("plain", text), b"\r\n", between, _part("html", html), b"\r\n", end))


def _part(subtype: str, text: str) -> bytes:
    # Canonical line ends ahead of any encoding (RFC 2046, 4.1.1); the last line has one too.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    encoding, encoded = _encoded("".join(f"{line}\r\n" for line in lines), max(map(len, lines)))
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + encoded


def _encoded(text: str, longest: int) -> tuple[str, bytes]:
    """The name of the lightest encoding that will do for a text with such a line, and the text in it."""
    data = text.encode()
    beyond = len(data) - len(text)
    if not beyond and longest <= LONGEST_LINE:
        return "7bit", data
    if beyond * _MOSTLY_PLAIN < len(data):
        quoted = binascii.b2a_qp(data)
        # A blank at the end of a full line makes it longer than it may be.
        if max(map(len, quoted.split(b"\r\n"))) <= LONGEST_ENCODED:
            return "quoted-printable", quoted
    return "base64", base64.encodebytes(data).replace(b"\n", b"\r\n")
