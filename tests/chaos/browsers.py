"""Many visitors at once, over plain sockets, each with an address of its own behind the one trusted proxy.

What they note down, they have seen: an answer counts as received when its last byte is there.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import unescape
from urllib.parse import urlencode

from tests.chaos.stack import DOMAIN, HOST

PATIENCE = 30.0
PAUSES = (0.2, 0.3, 0.5, 0.8, 1.0)
# What a form carries unseen, and what is asked in it.
_UNSEEN = r"csrfmiddlewaretoken|form_key|owner|(?:version|marks)-[a-z]+"
_FIELD = re.compile(rf'<(?:input|textarea)[^>]*\bname="({_UNSEEN}|name|q-\d+)"[^>]*>')
_VALUE = re.compile(r'\bvalue="([^"]*)"')
# Where somebody who applies says what nobody else says, beside the answers: in each group of the form.
IN_OWN_WORDS = (
    "name", "wiki_name", "publish_text", "not-reviewers", "profile-projects", "profile-roles", "about-gender-words",
    "about-affiliation-words",
)  # fmt: skip
# And what they choose there.
CHOSEN = {
    "publish_name": "on", "publish_wiki_name": "on", "publish_region": "on", "publish_languages": "on",
    "profile-language-1": "Swahili", "profile-level-1": "N", "profile-language-2": "English", "profile-level-2": "3",
    "profile-zone": "Africa/Nairobi", "profile-hours": "5", "profile-times": "evening", "about-gender": "own",
    "about-age": "25-34", "about-affiliation": "own", "about-experience": "2-4",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers in lower case (the last of a name), cookies, body."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: str


def parse(raw: bytes) -> Answer:
    """Take an answer apart; an unfinished one is a ConnectionError, as for a browser."""
    head, found, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not found or not lines[0].startswith("HTTP/1."):
        raise ConnectionError("no answer")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    headers = dict(pairs)
    if len(body) < int(headers.get("content-length", 0)):
        raise ConnectionError("half an answer")
    cookies = [value.partition(";")[0] for name, value in pairs if name == "set-cookie"]
    return Answer(int(lines[0].split()[1]), headers, cookies, body.decode(errors="replace"))


@dataclass(frozen=True)
class Failure:
    """A try that brought no answer that a person would take for one, when it was sent and when it was given up.

    `status` is that of the answer, 0 where the line broke. Seconds since 1970.
    """

    sent: float
    seen: float
    status: int


@dataclass
class Visit:
    """One visitor with one form, and what they noted: first sending, receipt, each try's fate. Seconds since 1970.

    `mailbox` is that of the account in whose `session` they are.
    """

    number: int
    path: str
    session: str = ""
    mailbox: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    form_at: float = 0.0
    first_sent: float = 0.0
    last_sent: float = 0.0
    answered: float = 0.0
    status: int = 0
    location: str = ""
    tries: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the proxy says that they come from."""
        return f"10.{self.number // 62500}.{self.number // 250 % 250}.{self.number % 250 + 1}"

    @property
    def words(self) -> str:
        """What they say: nobody else says it, so that it is found again whatever the portal calls it."""
        return f"Visitor {self.number} says what nobody else says."

    @property
    def accepted(self) -> bool:
        """Whether they hold a receipt."""
        return self.status == 303

    @property
    def seconds(self) -> float:
        """How long the answer to the last try took."""
        return self.answered - self.last_sent


async def exchange(port: int, request: bytes, *, lose_answer: bool = False) -> Answer:
    """One request on a connection of its own. With `lose_answer` the line breaks once everything is sent.

    Raises OSError or TimeoutError for what a browser would call a broken connection.
    """
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(request)
            await writer.drain()
            if lose_answer:
                await asyncio.sleep(0.02)
                raise ConnectionError("the answer was lost")
            return parse(await reader.read())
        finally:
            writer.close()


def request(visit: Visit, method: str, body: bytes = b"") -> bytes:
    """The bytes of a request as the proxy passes them on."""
    lines = [
        f"{method} {visit.path} HTTP/1.1",
        f"Host: {DOMAIN}",
        "Connection: close",
        f"X-Forwarded-For: {visit.address}",
        "X-Forwarded-Proto: https",
        f"Origin: https://{DOMAIN}",
        "Accept-Language: en",
    ]
    cookies = [*([visit.session] if visit.session else []), *visit.cookies]
    if cookies:
        lines.append(f"Cookie: {'; '.join(cookies)}")
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(visit: Visit, port: int) -> None:
    """Open the page and fill in its form; tries again until it is there."""
    for pause in (*PAUSES, *PAUSES):
        try:
            answer = await exchange(port, request(visit, "GET"))
        except (OSError, TimeoutError):
            answer = None
        if answer is not None and answer.status == 200:
            break
        await asyncio.sleep(pause)
    else:
        raise AssertionError(f"{visit.path} was not to be had")
    visit.form_at = time.time()
    visit.cookies = [cookie for cookie in answer.cookies if "csrf" in cookie]
    visit.fields = _filled(answer.body, visit)
    assert "form_key" in visit.fields, "the page has no form"


def _filled(html: str, visit: Visit) -> dict[str, str]:
    fields = {}
    for found in _FIELD.finditer(html):
        name, value = found[1], _VALUE.search(found[0])
        fields[name] = visit.words if name.startswith("q-") else unescape(value[1]) if value else ""
    if "/join/" in visit.path:
        return {**fields, **dict.fromkeys(IN_OWN_WORDS, visit.words), **CHOSEN, "action": "submit"}
    return {**fields, "language": "en", "visibility": "nameless"}


async def send(visit: Visit, port: int, *, until: float, lose_answers: int = 0) -> None:
    """Post the form again and again until there is an answer that a person would take for one, or until `until`.

    A broken connection and a 5xx are a reason to try again; `lose_answers` of the first tries break after sending,
    which is no failure of the portal's.
    """
    body = urlencode(visit.fields).encode()
    while time.time() < until:
        visit.last_sent = time.time()
        visit.first_sent = visit.first_sent or visit.last_sent
        visit.tries += 1
        lost = visit.tries <= lose_answers
        try:
            answer = await exchange(port, request(visit, "POST", body), lose_answer=lost)
        except (OSError, TimeoutError):
            answer = None
        if answer is not None and answer.status < 500:
            visit.answered, visit.status = time.time(), answer.status
            visit.location = answer.headers.get("location", "")
            return
        if not lost:
            visit.failures.append(Failure(visit.last_sent, time.time(), answer.status if answer else 0))
        await asyncio.sleep(PAUSES[min(visit.tries, len(PAUSES)) - 1])


async def look(visit: Visit, port: int, path: str) -> Answer:
    """Open another page without any cookie, as whoever has only its address."""
    return await exchange(port, request(replace(visit, path=path, session="", cookies=[]), "GET"))


async def load_all(visits: Iterable[Visit], port: int, at_once: int = 8) -> None:
    """Open all of the pages, so many at a time."""
    room = asyncio.Semaphore(at_once)

    async def one(visit: Visit) -> None:
        async with room:
            await load(visit, port)

    await asyncio.gather(*map(one, visits))


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share does not pass; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
