"""Nothing that was typed into the form of an application is lost, whatever page answers it: every field is there."""

import html as markup
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from recruitment import merging, services
from recruitment.fields import MOST_LANGUAGES, language_name, level_name
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Application, Call
from recruitment.slots import labels, written
from taskforce.accounts.models import User
from taskforce.core.choices import of as choices_of
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.questions.fields import SeveralChoices
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import main_form, parsed
from tests.recruitment.conftest import HARD_CLOSES, OPEN, PAGE, draft, question_names, shown_form

ROWS = 5
SIGN_IN = {"login": "applicant@demo.example", "password": "demo"}
Fields = dict[str, Any]


@pytest.fixture
def user(people: dict[str, User]) -> User:
    """The applicant, with a password."""
    found = people["applicant"]
    found.set_password(SIGN_IN["password"])
    found.save()
    return found


@pytest.fixture
def applicant(user: User, sign_in: Callable[[User], Client]) -> Client:
    """The applicant's browser."""
    return sign_in(user)


def typed(call: Call) -> Fields:
    """Something of its own in every field that the form has: a text, the first choice, a tick."""
    fields: Fields = {}
    form = ApplicationForm(call, rows=ROWS)
    for number, (name, field) in enumerate(form.fields.items(), start=1):
        if isinstance(field, SeveralChoices):
            fields[name] = [str(code) for code in field.codes][-2:]
        elif isinstance(field, forms.ChoiceField):
            fields[name] = next(str(code) for code, _label in choices_of(form, name) if code)
        elif isinstance(field, forms.BooleanField):
            fields[name] = "on"
        elif name == "profile-zone":
            fields[name] = "Pacific/Apia"
        elif name == "profile-hours":
            fields[name] = "17"
        else:
            fields[name] = f"Words {number} of mine, 我的話 <b>"
    return fields


def texts(fields: Fields) -> list[str]:
    """What of it was written, as a page has it."""
    return [markup.escape(one) for one in fields.values() if isinstance(one, str) and one.startswith("Words")]


def blocks(html: str) -> list[tuple[str, str]]:
    """(label, text) of what an error page gives back."""
    found = re.findall(r'(?:<p><strong>(.*?)</strong></p>)?<pre class="pt-typed"[^>]*>(.*?)</pre>', html, re.DOTALL)
    return [(markup.unescape(re.sub(r"<.*?>", "", label)), markup.unescape(text)) for label, text in found]


def in_form(html: str, fields: Fields) -> None:
    """The form on the page would send all of this again."""
    back = parsed(html).fields
    assert back is not None, "the page has no form"
    for name, value in fields.items():
        assert back.get(name) == (value[-1] if isinstance(value, list) else value), name


def test_every_field_is_typed_into(call: Call) -> None:
    found = typed(call)
    assert {"name", "publish_text", "not-reviewers", level_name(ROWS), *question_names(call)} <= found.keys()
    assert len(texts(found)) > 10


@pytest.mark.parametrize("action", ["save", "submit"])
def test_too_late(call: Call, applicant: Client, clock: Clock, action: str) -> None:
    """403, with each field under its label, to be copied."""
    fields = {**shown_form(applicant, call), **typed(call)}
    clock.set(HARD_CLOSES)
    answer = applicant.post(PAGE, {**fields, "action": action})
    html = answer.content.decode()
    assert answer.status_code == 403
    section = html.partition("What you wrote")[2]
    assert all(text in section for text in texts(fields))
    for name, field in ApplicationForm(call, rows=ROWS).fields.items():
        assert markup.escape(str(field.label)) in section or str(field.label) in section, name
    assert "Pacific/Apia" in section
    assert "marks-" not in section
    assert Application.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_without_its_token(call: Call, user: User, language: str) -> None:
    """403 by Django itself: each field under what the form calls it in the page's language, and no machinery."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    fields = {**shown_form(browser, call), **typed(call)}
    answer = browser.post(PAGE.replace("/en/", f"/{language}/"), {**fields, "action": "submit"})
    assert answer.status_code == 403
    with translation.override(language):
        named = {name: str(field.label) for name, field in ApplicationForm(call, rows=ROWS).fields.items()}
    sent = [
        (name, one) for name, value in typed(call).items() for one in ([value] if isinstance(value, str) else value)
    ]
    plain = {name: re.sub(r"<.*?>", "", markup.unescape(label)) for name, label in named.items()}
    assert sorted(blocks(answer.content.decode())) == sorted((plain[name], one) for name, one in sent)


def test_too_often(call: Call, user: User, applicant: Client) -> None:
    """429, with all of it in the form."""
    fields = {**shown_form(applicant, call), **typed(call)}
    for _time in range(table.APPLICATION.most):
        limits.hit(table.APPLICATION, str(user.pk))
    answer = applicant.post(PAGE, {**fields, "action": "submit"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    in_form(answer.content.decode(), typed(call))


def test_a_key_that_was_used(call: Call, applicant: Client, clock: Clock) -> None:
    """409, with all of it in the form."""
    first = shown_form(applicant, call)
    assert applicant.post(PAGE, {**first, question_names(call)[0]: "Sent.", "action": "submit"}).status_code == 303
    clock.set(OPEN + timedelta(minutes=5))
    now = shown_form(applicant, call)
    answer = applicant.post(PAGE, {**now, **typed(call), "form_key": first["form_key"], "action": "submit"})
    assert answer.status_code == 409
    in_form(answer.content.decode(), typed(call))


def test_with_a_file(call: Call, applicant: Client) -> None:
    """400, with all of it in the form."""
    fields = {**shown_form(applicant, call), **typed(call), "action": "save", "cv": SimpleUploadedFile("cv", b"x")}
    answer = applicant.post(PAGE, fields)
    assert answer.status_code == 400
    in_form(answer.content.decode(), typed(call))


def test_signed_out_and_back(call: Call, applicant: Client, user: User) -> None:
    """Every field is in the form again; nothing was saved."""
    fields = {**shown_form(applicant, call), **typed(call), "action": "submit"}
    applicant.logout()
    away = applicant.post(PAGE, fields)
    assert away.status_code == 302
    applicant.post(away.headers["Location"], SIGN_IN)
    html = applicant.get(PAGE).content.decode()
    assert "What you typed is back" in html
    in_form(html, typed(call))
    assert Application.objects.count() == 0


def test_signed_out_with_more_than_is_kept(call: Call, client: Client) -> None:
    """403, with each field under its label."""
    first, _second = question_names(call)
    fields = {**typed(call), first: "x" * 60_000}
    answer = client.post(PAGE, {**fields, "action": "submit"})
    assert answer.status_code == 403
    back = blocks(answer.content.decode())
    assert ("Why do you want to join?", "x" * 60_000) in back
    assert all(label for label, _text in back)
    assert {markup.unescape(text) for text in texts(fields)} <= {text for _label, text in back}


def test_signed_out_on_the_page_of_two_texts(call: Call, applicant: Client, user: User) -> None:
    """The text that was typed here, or the one that was chosen, is in the form after signing in."""
    first, _second = question_names(call)
    services.save_draft(call.pk, user, draft(call, "Stored elsewhere."))
    owner = shown_form(applicant, call)
    for choice, words in (("", "Typed here."), ("stored", "Stored elsewhere."), ("own", "A third one.")):
        torn = {
            **owner, merging.TORN: first, merging.MINE + first: "Typed here.",
            merging.STORED + first: "Stored elsewhere.",
            first: "A third one." if choice == "own" else "Typed here.", "action": "save",
        }  # fmt: skip
        if choice:
            torn[merging.CHOICE + first] = choice
        applicant.logout()
        away = applicant.post(PAGE, torn)
        applicant.post(away.headers["Location"], SIGN_IN)
        assert main_form(applicant, PAGE)[first] == words, choice
        applicant.get(PAGE)


def test_labels_are_of_every_call_and_every_row(call: Call) -> None:
    named = labels("leadership-development")
    assert {language_name(MOST_LANGUAGES), merging.MINE + question_names(call)[0]} <= named.keys()
    sent = {
        **dict.fromkeys(named, "x"),
        "marks-profile": "x",
        "version-answers": "1",
        "choose-name": "mine",
        "owner": "x",
    }
    assert written(sent) == named.keys()
