"""What every request passes: the log line, the refusal of bytes that nothing can store, the pages of refusals."""

import codecs
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from csp.utils import build_policy
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.utils import translation
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.core import errorpages
from taskforce.core.clock import stopwatch
from taskforce.core.errors import Invalid, PortalError, TooOften

if TYPE_CHECKING:  # these names exist for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("portal.request")
GetResponse = Callable[[HttpRequest], HttpResponse]
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What a lenient decoder puts in place of bytes that are no text. People type it too, when they quote a damaged text.
_REPLACEMENT = "\ufffd"
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_DAMAGED = gettext_lazy(
    "What was sent holds damaged characters that cannot be read or stored. Check your text, above all what was "
    "pasted, and send it again."
)
# Of a body that is too long, or that nobody wanted.
_READ_AWAY_BYTES, _AT_ONCE = 32 * 2**20, 2**14
_READ_AWAY_SECONDS, _SILENT_SECONDS = 20, 3
_TRANSFER = re.compile(rb"^content-transfer-encoding[ \t]*:(?![ \t]*(?:7bit|8bit|binary)[ \t]*$)", re.I | re.M)
# Of one language in `Accept-Language`.
_WEIGHT_0 = re.compile(r";[ \t]*q=0(?:\.0*)?[ \t]*(?:,|$)", re.I)


class RequestLog:
    """One line per request: method, route (never the path: it may hold a token), status, time taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(8)
        request.META["portal.request_id"] = request_id
        start = stopwatch()
        response = self.get_response(request)
        match = request.resolver_match
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": match.route if match else "(no route)",
                "status": response.status_code,
                "milliseconds": round((stopwatch() - start) * 1000),
                "request_id": request_id,
            },
        )
        response.headers["X-Request-ID"] = request_id
        return response


def protecting_headers() -> dict[str, str]:
    """The headers of every answer, whatever it is."""
    headers = {
        "Content-Security-Policy": build_policy(),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        # To a request without TLS browsers do not listen to it.
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return headers


class Headers:
    """The headers that protect a reader, on every answer: the outermost, so that none is given past it.

    The framework answers some requests before its own middleware can add a header (a foreign Host), and views set
    some of their own; those stay.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._always = protecting_headers()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self._always.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", self._kept_by(request, response))
        if "public" in response.headers["Cache-Control"]:
            # The same for everybody, who may keep it: the framework takes back the cookie of a session that is over,
            # and says that the answer depends on it.
            response.cookies.clear()
            _without_cookie(response)
        return response

    @staticmethod
    def _kept_by(request: HttpRequest, response: HttpResponse) -> str:
        """Who may keep an answer that does not say so itself: nobody but its reader, to go back to a form."""
        is_personal = response.status_code >= 400 or settings.SESSION_COOKIE_NAME in request.COOKIES
        return "private, no-store" if is_personal else "private, no-cache"


def _without_cookie(response: HttpResponse) -> None:
    """Say of no cookie that the answer depends on it."""
    names = [name.strip() for name in response.headers.get("Vary", "").split(",")]
    left = [name for name in names if name and name.lower() != "cookie"]
    if left:
        response.headers["Vary"] = ", ".join(left)
    else:
        response.headers.pop("Vary", None)


class KnownHost:
    """A foreign Host is 400 (Django's DisallowedHost), for files too, which no page looks at."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.get_host()
        return self.get_response(request)


class Spoken:
    """The reader's language from the first: that of the address, else by cookie and header.

    The framework's own middleware for it stands behind the one for files, which are the same in every language. What
    is answered before it (a foreign Host) would speak the language of whoever was served before.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = translation.get_language_from_request(request, check_path=True)
        translation.activate(code)
        response = self.get_response(request)
        if response.status_code >= 400:
            response.headers.setdefault("Content-Language", code)
        return response


class RefusedLanguages:
    """A language with the weight 0 in `Accept-Language` is one that the reader does not want (RFC 9110, 12.4.2).

    Django takes it for one that they want least, so it is not shown to it. Where none is left, English is spoken.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if _WEIGHT_0.search(asked):
            wanted = (one.strip() for one in asked.split(",") if not _WEIGHT_0.search(one))
            request.META["HTTP_ACCEPT_LANGUAGE"] = ",".join(wanted)
        return self.get_response(request)


class HostileBytes:
    """What is no text, or cannot be stored, is refused before a form or the database meets it (CONTRACT: 400).

    In path and query: NUL and lone surrogates; bad bytes there are replaced, they only look something up. In what is
    posted, by whatever page: besides these every byte that is not UTF-8, in names and values, since the framework
    would replace it without a word and store another text than was sent.

    No page knows a method but GET, HEAD, POST and OPTIONS; a view that does not look would answer as to GET.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _METHODS:
            return errorpages.not_allowed(request, _METHODS)
        parameters = request.content_params or {}
        if "charset" in parameters:
            # It would also decode the query, and some codecs cannot: bytes are read as UTF-8 or not at all.
            request.encoding = "utf-8"
        if _UNSTORABLE.search(request.path_info) or _is_unstorable(request.GET):
            return refusal_page(request, Invalid(_("The address holds characters that cannot be stored.")))
        is_form = request.method == "POST" and request.content_type in (_FORM, _MULTIPART)
        if is_form and not (_is_utf8_name(parameters.get("charset", "utf-8")) and _is_text(request)):
            return refusal_page(request, Invalid(_DAMAGED))
        return self.get_response(request)


def utf8_only(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, for whom every Content-Type can be parsed.

    The framework looks up the charset that a client names while it makes the request, before any middleware, and
    fails where that is none of text ("hex") or in no known spelling. Such a header is handed on with a charset that
    is unknown: `HostileBytes` then refuses what was posted.
    """

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _parsable(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return serve


def whole_bodies(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, which also reads bodies that come in chunks (RFC 9112, 7.1) and so without Content-Length.

    The framework takes such a body for an empty one. It is read up to one byte more than the framework would accept,
    so that a longer one is refused as too long.

    What the application leaves unread of a body is read and thrown away before the answer goes out. Most clients send
    all that they have before they read, and a connection that is closed meanwhile breaks: they would never see the page
    that says what was too long.
    """

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        sent, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH")
        if not environ.get("wsgi.input_terminated") or length == "0":
            return application(environ, start_response)
        if not length:
            body = sent.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), BytesIO(body)
        answer = application(environ, start_response)
        _read_away(sent, environ.get("gunicorn.socket"))
        return answer

    return serve


def _read_away(sent: Any, connection: Any) -> None:
    """Read what is left of a body, so much and so long at most; a client that sends nothing more is not waited for."""
    before = connection.gettimeout() if connection else None
    until, left = stopwatch() + _READ_AWAY_SECONDS, _READ_AWAY_BYTES
    try:
        if connection:
            connection.settimeout(_SILENT_SECONDS)
        while left > 0 and stopwatch() < until:
            read = len(sent.read(min(left, _AT_ONCE)))
            left -= read
            if not read:
                break
    except OSError:
        logger.debug("the rest of a body did not come")
    finally:
        if connection:
            connection.settimeout(before)


def _parsable(header: str) -> str:
    try:
        kind, parameters = parse_header_parameters(header)
    except ValueError:
        return f"{_FORM}; charset=unknown"
    return header if _is_utf8_name(parameters.get("charset", "utf-8")) else f"{kind}; charset=unknown"


def _is_utf8_name(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _is_unstorable(sent: QueryDict) -> bool:
    return any(map(_UNSTORABLE.search, _names_and_values(sent)))


def _names_and_values(sent: QueryDict) -> Iterable[str]:
    for name, values in sent.lists():
        yield name
        yield from values


def _is_text(request: HttpRequest) -> bool:
    """Whether all that was posted is text as it was sent. Costs next to nothing where nothing was replaced."""
    try:
        body = request.body
        posted = request.POST
    except (UnreadablePostError, LookupError, UnicodeError):
        return False  # the connection broke, or a part's header names an encoding that is none
    if _is_unstorable(posted) or any(_REPLACEMENT in name for name in posted):
        return False
    if request.content_type == _MULTIPART:
        boundary = (request.content_params or {}).get("boundary", "")
        return _is_utf8(body) and not _is_encoded(body, boundary) and f"--{boundary}--".encode() in body
    if not body.isascii() and not _is_utf8(body):
        return False
    is_replaced = any(_REPLACEMENT in value for value in _names_and_values(posted))
    return not is_replaced or _is_utf8(unquote_to_bytes(body))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_encoded(body: bytes, boundary: str) -> bool:
    """Whether a part is written in base64 or the like, where bad bytes would pass unseen; no browser does that."""
    parts = body.split(b"--" + boundary.encode())
    return any(_TRANSFER.search(part.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n")) for part in parts)


class Refusals:
    """A `PortalError` from a view or a service becomes a page with its reason and its status.

    So does a database that is away or has ended a statement that waited too long: 503, and nothing was done. So does
    the bare 405 of a view that does not take the method.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            return errorpages.not_allowed(request, response.headers["Allow"].split(", "))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None lets every other exception pass."""
        if isinstance(error, OperationalError):
            # Where there is no connection, the way to it says nothing, and everybody who waits would write it down.
            is_ours = getattr(error.__cause__, "pgcode", None) is not None
            logger.error("the database did not answer", exc_info=error if is_ours else None)
            return errorpages.busy(request)
        return refusal_page(request, error) if isinstance(error, PortalError) else None


def refusal_page(
    request: HttpRequest,
    error: PortalError,
    typed: Sequence[errorpages.Typed] | None = None,
    next_links: Sequence[tuple[Any, str]] = (),
) -> HttpResponse:
    """The page of a refusal: title, reason, facts, what was typed (None: what is posted now), ways on (none: home);
    personal, so never cached."""
    if isinstance(error, TooOften):
        return errorpages.too_often(request, error.retry_after)
    if typed is None:
        typed = errorpages.typed_before_refusal(request)
    context = {"title": error.title, "message": error.message, "facts": error.facts, "typed": typed}
    context["next_links"] = next_links
    response = render(request, "errors/refused.html", context, status=error.status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
