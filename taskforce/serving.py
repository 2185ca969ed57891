"""The worker that gunicorn runs: what never becomes a request of the portal is answered as the portal answers."""

from http import HTTPStatus
from ssl import SSLError
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

# All others that a client causes are 400, a coding that is not known too (gunicorn's own answer is 501).
_STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
}
# What the portal itself would have sent wrongly.
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own, with threads; only its answers to what it cannot read or pass on are the portal's."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer with the headers of every page, repeat nothing that was sent, and log no address."""
        is_theirs = isinstance(exc, errors.ParseException | SSLError) and not isinstance(exc, _OURS)
        if is_theirs:
            status = _STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
            self.log.warning("no request: %s, %s", status.value, type(exc).__name__)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            self.log.error("unhandled error", exc_info=exc)
        try:
            util.write_nonblock(client, _answer(status))
        except OSError:
            self.log.debug("nobody waits for the answer")


def _answer(status: HTTPStatus) -> bytes:
    """A whole answer; in English, since no language was asked for that could be read."""
    from taskforce.core.middleware import protecting_headers  # noqa: PLC0415 - reads settings, which come after this

    body = f"{status.value} {status.phrase}\n"
    headers = {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "private, no-store",
        **protecting_headers(),
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body]).encode("latin-1")
