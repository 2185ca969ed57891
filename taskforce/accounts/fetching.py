"""What the portal asks a wiki, server to server: below one address, in a few seconds, and not led elsewhere."""

import json
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from taskforce.core.clock import stopwatch

# Seconds for one question as a whole. A sign-in asks two, and nobody waits for more than ten.
SECONDS = 4.0
# Seconds without a sign of life.
SILENCE = 3.0
# Far more than a token (about a thousand bytes) or a profile.
LONGEST = 65_536


class Unanswered(requests.RequestException):
    """The wiki did not answer in time."""


class Unreadable(requests.RequestException):
    """The wiki answered something that is no answer to what was asked."""


class BoundedSession(requests.Session):
    """Asks below one address only, and answers or fails in `SECONDS`, whatever the other side does.

    The time limits of the library hold for each single wait: a server that sends a byte a second would keep it for
    ever. So a question runs in a thread of its own, which is left to itself when its time is over.
    """

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        # No .netrc, which would write its own password over the token.
        self.trust_env = False

    def request(self, method: Any, url: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        """The answer, read to its end. Raises a `RequestException` in every other case."""
        if not str(url).startswith(f"{self.base}/"):
            raise requests.exceptions.InvalidURL("this is not the wiki's address")
        answers: SimpleQueue[requests.Response | Exception] = SimpleQueue()
        Thread(target=self._ask, args=(answers, method, url, options), daemon=True).start()
        try:
            answer = answers.get(timeout=SECONDS)
        except Empty:
            raise Unanswered from None
        if isinstance(answer, requests.Response):
            return answer
        raise answer if isinstance(answer, requests.RequestException) else Unreadable from answer

    def _ask(self, answers: Any, method: str, url: str, options: dict[str, Any]) -> None:
        end = stopwatch() + SECONDS
        options |= {"allow_redirects": False, "timeout": (SILENCE, SILENCE), "stream": True}
        try:
            with super().request(method, url, **options) as response:
                answers.put(_whole(response, end))
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            answers.put(error)


def _whole(response: requests.Response, end: float) -> requests.Response:
    """The answer with its body; where it is a good one, a flat JSON object in UTF-8, whatever its headers say it is."""
    body = b""
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > LONGEST or stopwatch() > end:
            raise Unreadable
    # Whoever reads it next would decode it by the charset that it names, and there are some that cannot (`idna`).
    response.headers["content-type"] = "application/json"
    response.encoding = "utf-8"
    response._content = _rewritten(body) if response.ok else body
    return response


def _rewritten(body: bytes) -> bytes:
    """What stands on top of the object, without lists and objects: nobody asks for those.

    It is read once more by whoever asked, deep in other calls, and what can be nested just as deep as this thread
    reads, which begins at nothing, could not be read there.
    """
    try:
        found = json.loads(body)
        if isinstance(found, dict):
            return json.dumps(
                {key: value for key, value in found.items() if not isinstance(value, dict | list)}
            ).encode()
    except (ValueError, RecursionError):
        pass
    raise Unreadable
