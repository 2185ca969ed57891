"""What is broken stays small: a damaged catalogue costs its texts, a fault of ours a page that says so and no more."""

import gettext
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, trans_real
from pytest_django import Settings

from taskforce.core import catalogues, errorpages, languages
from taskforce.core.errors import Invalid
from taskforce.core.middleware import refusal_page
from taskforce.timeline.models import TaskForce
from taskforce.urls import urlpatterns as own_urlpatterns
from tests.clients import Client

SECRET = "a page that fails with s3cret"


def fails(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


urlpatterns = [*i18n_patterns(path("fails/", fails)), *own_urlpatterns]
handler500 = "taskforce.core.errorpages.failed"


# --- catalogues ------------------------------------------------------------------------------------------------------

SOUND = (Path(settings.BASE_DIR) / "locale" / "de" / "LC_MESSAGES" / "django.mo").read_bytes()
HEADER = b"Content-Type: text/plain; charset=utf-8"
DAMAGED = {
    "empty": b"",
    "three bytes": SOUND[:3],
    "the beginning": SOUND[:200],
    "half": SOUND[: len(SOUND) // 2],
    "all but its end": SOUND[:-300],
    "zeros": bytes(4096),
    "another file": b"<!DOCTYPE html>" * 100,
    "another version": SOUND[:4] + b"\x00\x00\x09\x00" + SOUND[8:],
    "lengths without end": SOUND[:8] + b"\xff\xff\xff\x7f" + SOUND[12:],
    "no letters": SOUND.replace(b"\xc3", b"\xff"),
    "no such letters": SOUND.replace(HEADER, HEADER.replace(b"utf-8", b"utf-x")),
    "no number of forms": SOUND.replace(b"plural=(n != 1)", b"plural=(n !! 1)"),
    "other places": SOUND.replace(b"%(", b"%["),
    "places of its own": SOUND.replace(b")s", b")q"),
    "markup of its own": SOUND.replace(b"</", b"<s"),
}
PAGES = ("", "privacy/", "tf/leadership-development/", "tf/leadership-development/process/", "accounts/login/")


def compiled(texts: dict[str, str]) -> bytes:
    """The bytes of a catalogue with these texts; a plural's forms apart by NUL, as the format has them."""
    keys = sorted({"": "", **texts}, key=str.encode)
    values = {"": "Content-Type: text/plain; charset=utf-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n", **texts}
    tables, data, start = b"", b"", 28 + 16 * len(keys)
    for side in (keys, [values[key] for key in keys]):
        for text in side:
            tables += struct.pack("<II", len(text.encode()), start + len(data))
            data += text.encode() + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0) + tables + data


def own_texts(code: str) -> dict[Any, str]:
    """What the portal's own catalogue of a language holds: {source text, or (text, form): translation}."""
    path = Path(settings.BASE_DIR) / "locale" / translation.to_locale(code) / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as compiled:
        found: dict[Any, str] = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return found


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of the German catalogue, to be written; everything is read anew, and again after the test."""
    for code in languages.CODES:
        if code != "de":
            locale = translation.to_locale(code)
            (tmp_path / locale).symlink_to(Path(settings.BASE_DIR) / "locale" / locale)
    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path])
    monkeypatch.setattr(trans_real, "_translations", {})
    monkeypatch.setattr(gettext, "_translations", {})
    yield tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    monkeypatch.undo()
    translation.activate("en")


@pytest.mark.dear
@pytest.mark.parametrize("damage", DAMAGED)
def test_with_a_damaged_catalogue_every_page_stands(damage: str, german: Path, tf: TaskForce) -> None:
    german.write_bytes(DAMAGED[damage])
    assert DAMAGED[damage] != SOUND
    for page in PAGES:
        answer = Client().get(f"/de/{page}")
        assert answer.status_code == 200
        assert '<html lang="de"' in answer.content.decode()
    with translation.override("zh-hant"):
        assert _("Something went wrong") != "Something went wrong"


@pytest.mark.parametrize("damage", ["half", "another file", "no letters", "no such letters", "no number of forms"])
def test_django_alone_would_show_no_page(damage: str, german: Path) -> None:
    """The twin: what the test above would see."""
    german.write_bytes(DAMAGED[damage])
    stock = trans_real.DjangoTranslation.__mro__[1]
    with pytest.raises((OSError, ValueError, LookupError, struct.error)):
        stock("de")


def test_a_single_text_with_a_fault_is_the_source_text(german: Path) -> None:
    german.write_bytes(
        compiled(
            {
                "Sent by %(who)s": "Gesendet: %(woh)s",
                "Open": "<script>alert(1)</script>",
                "100 %%": "100 % ",
                "%(count)s word\0%(count)s words": "ein Wort\0%(conut)s Wörter",
                "Close": "Schließen",
                "Sent to %(whom)s": "Gesendet an %(whom)s",
                "%(count)s line\0%(count)s lines": "eine Zeile\0%(count)s Zeilen",
            }
        )
    )
    with translation.override("de"):
        assert _("Sent by %(who)s") % {"who": "Ann"} == "Sent by Ann"
        assert _("Open") == "Open"
        assert _("100 %%") % {} == "100 %"
        assert ngettext("%(count)s word", "%(count)s words", 1) == "ein Wort"
        assert ngettext("%(count)s word", "%(count)s words", 2) == "%(count)s words"
        assert _("Close") == "Schließen"
        assert _("Sent to %(whom)s") == "Gesendet an %(whom)s"
        assert ngettext("%(count)s line", "%(count)s lines", 2) == "%(count)s Zeilen"


@pytest.mark.long
def test_what_is_compiled_is_shown_whole() -> None:
    """No text of ours counts as a fault that is none."""
    assert isinstance(trans_real.translation("de"), catalogues.Catalogue)
    hidden = []
    for code in languages.CODES:
        for source, told in own_texts(code).items():
            if isinstance(source, str) and source and not catalogues.is_sound(told, source):
                hidden.append((code, source))
    assert hidden == []
    assert len(own_texts("zh-hant")) > 1000


# --- a fault of ours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_a_fault_is_a_page_in_the_readers_language_with_a_number_and_nothing_else(
    language: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get(f"/{language}/fails/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert f'<html lang="{languages.html_lang(language)}" dir="{languages.direction(language)}">' in page
    with translation.override(language):
        assert f"<h1>{_('Something went wrong')}</h1>" in page
        assert (_("Something went wrong") == "Something went wrong") == (language == "en")
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in page
    for trace in (SECRET, "RuntimeError", "Traceback", __name__, ".py", str(settings.BASE_DIR)):
        assert trace not in page
    assert [record for record in caplog.records if record.exc_info and SECRET in str(record.exc_info[1])]


def test_a_fault_gives_back_what_was_typed_and_nothing_that_was_hidden(settings: Settings, tf: TaskForce) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    page = client.post("/en/fails/", {"body": "A long <thought>.", "zone": "UTC", "next": "/x/"}).content.decode()
    assert page.count("pt-typed") == 1
    assert "A long &lt;thought&gt;." in page
    assert 'href="mailto:' in page
    assert "let your browser send the form again" in page
    assert "Copy it before you go on." in page
    assert client.post("/en/fails/", "a=" + "x" * 2_700_000, content_type=FORM).status_code == 400
    page = client.get("/en/fails/").content.decode()
    assert "pt-typed" not in page
    assert "Try again in a minute." in page
    assert "your form" not in page


# --- what no view answers --------------------------------------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"
HTML = {"accept": "text/html"}


@pytest.mark.django_db
@pytest.mark.parametrize("before", ["ar", "zh-hant", "en"])
def test_a_foreign_host_is_answered_in_the_readers_language(before: str) -> None:
    """Whatever the same thread has spoken before."""
    client = Client(raise_request_exception=False)
    for address, asked, code in (
        ("/zh-hant/privacy/", "de", "zh-hant"),
        ("/ar/", "de", "ar"),
        ("/", "de,en;q=0.5", "de"),
        ("/healthz", "ar;q=0", "en"),
        ("/static/nothing.css", "zh-TW", "zh-hant"),
    ):
        assert client.get(f"/{before}/accounts/login/").status_code == 200
        answer = client.get(address, headers={"host": "evil.test", "accept-language": asked})
        assert (answer.status_code, answer.headers["Content-Language"]) == (400, code)
        tag = f'<html lang="{languages.html_lang(code)}" dir="{languages.direction(code)}">'
        assert tag in answer.content.decode()


@pytest.mark.django_db
def test_what_a_page_does_not_take_is_a_page_too(tf: TaskForce) -> None:
    client = Client()
    answer = client.post("/zh-hant/privacy/?a=b", {"body": "A thought."})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert '<html lang="zh-Hant"' in page
    assert 'href="/zh-hant/privacy/?a=b"' in page
    assert "A thought." in page
    for method in ("PUT", "BREW", "DELETE", "OPTIONS"):
        answer = client.generic(method, "/ar/privacy/")
        assert answer.status_code == 405
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert 0 < len(answer.content) < 300
        assert "GET" in answer.headers["Allow"]


@pytest.mark.django_db
def test_machines_get_no_page(tf: TaskForce) -> None:
    client = Client()
    for address in ("/healthz", "/readyz", f"/open-data/{tf.slug}/phases.json"):
        assert client.post(address).content == client.put(address).content == b""
        assert "<h1>" in client.post(address, headers=HTML).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["a=" + "x" * 2_700_000, "&".join(f"a{number}=x" for number in range(2100))])
def test_too_much_is_said_to_be_too_much(body: str) -> None:
    answer = Client().post("/en/accounts/login/", body, content_type=FORM)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "<h1>This was too long</h1>" in page
    assert "Some browsers still have what you typed, others have not" in page


@pytest.mark.django_db
def test_under_a_foreign_name_the_way_leads_to_the_portal() -> None:
    page = Client().get("/en/privacy/", headers={"host": "evil.test"}).content.decode()
    assert "<h1>This is not the address of the portal</h1>" in page
    assert f'href="{settings.SITE_URL}/en/"' in page


@pytest.mark.django_db
def test_what_may_not_be_done_gives_back_what_was_typed() -> None:
    request = RequestFactory().post("/en/nothing/", {"body": "A <thought>.", "password": "x y"})
    request.user = AnonymousUser()
    page = errorpages.denied(request, PermissionDenied()).content.decode()
    assert "A &lt;thought&gt;." in page
    assert "x y" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "is_told"), [("/en/accounts/login/", True), ("/en/tf/x/feedback/y/", False)])
def test_a_code_is_spoken_of_only_where_there_are_codes(path: str, is_told: bool) -> None:
    page = errorpages.too_often(RequestFactory().post(path, {"body": "A thought."}), 90).content.decode()
    assert ("A code that you already have still works." in page) is is_told
    assert "A thought." in page


@pytest.mark.django_db
def test_a_refusal_gives_back_what_was_typed_and_nothing_that_no_page_can_show() -> None:
    request = RequestFactory().post("/en/nothing/", {"body": "A\x00 <thought>.", "token": "t0ken"})
    page = refusal_page(request, Invalid("So it is.")).content.decode()
    assert "A &lt;thought&gt;." in page
    assert "\x00" not in page
    assert "t0ken" not in page
    empty = refusal_page(RequestFactory().post("/en/nothing/"), Invalid("So it is.")).content.decode()
    assert "Nothing was stored." in empty
    assert "Nothing was stored." not in page


@pytest.mark.django_db
def test_what_is_not_on_the_staff_side_leads_back_to_it(tf: TaskForce) -> None:
    """The same for everybody: it is asked of the address alone."""
    request = RequestFactory().get("/en/admin/nothing/")
    way = 'href="/en/admin/"'
    assert way in errorpages.not_found(request, Http404()).content.decode()
    assert way not in Client().get("/en/nothing/").content.decode()
