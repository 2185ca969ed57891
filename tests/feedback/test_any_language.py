"""In any language that its author names: those of the portal, and every other that has a code."""

import json
import re
from typing import Any

import pytest
from babel import Locale

from feedback import counting, services
from feedback.models import FeedbackDraft, FeedbackItem, FeedbackWindow, SheetLine
from feedback.services import sheets
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Refused
from taskforce.questions import spoken
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.feedback.pages import address, filled, main_form, parsed, text_question
from tests.feedback.test_elsewhere import ENTER, told, typed
from tests.feedback.test_elsewhere import facilitator as facilitator
from tests.feedback.test_elsewhere import key as key_at
from tests.feedback.test_elsewhere import page as page
from tests.feedback.test_items import listed, of, read
from tests.feedback.test_tables import TABLE, previewed

SAID = "Viongozi hukua pale wanapoaminiwa."


def sent(client: Client, **fields: str) -> Any:
    form = filled(client, **fields)
    return client.post(address(), {**form, text_question(form): SAID})


@pytest.mark.parametrize(
    ("fields", "code", "called", "runs"),
    [
        ({"language": "sw"}, "sw", "Kiswahili", "ltr"),
        ({"language": "+", "other_language": "Swahili"}, "sw", "Kiswahili", "ltr"),
        ({"language": "+", "other_language": " kiswahili "}, "sw", "Kiswahili", "ltr"),
        ({"language": "+", "other_language": "ckb"}, "ckb", "کوردیی ناوەندی", "rtl"),
        ({"language": "sr_latn"}, "sr-Latn", "српски (Latn)", "ltr"),
        ({"language": "ur"}, "ur", "اردو", "rtl"),
        ({"language": "+", "other_language": "العربية"}, "ar", "العربية", "rtl"),
        ({"language": "zh-TW"}, "zh-hant", "繁體中文", "ltr"),
    ],
)
def test_it_is_sent_and_read_in_the_language_that_its_author_names(
    window: FeedbackWindow, visitor: Client, fields: dict[str, str], code: str, called: str, runs: str
) -> None:
    """FAILS where only the portal's languages are taken: their page says the language, and how it runs."""
    assert sent(visitor, **fields).status_code == 303
    item = FeedbackItem.objects.get()
    assert item.language == code
    html, tag = read(item), languages.html_lang(code)
    assert f'<span lang="{tag}" dir="{runs}">{called}</span>' in html
    assert f'<div lang="{tag}" dir="{runs}"><p>{SAID}' in html
    assert listed(f"?language={code}") == listed("?q=viongozi") == [item.reference]
    assert called in Client().get(f"{address()}items/").content.decode()
    row = json.loads(Client().get("/open-data/leadership-development/feedback.json").content)[0]
    assert row["language"] == tag
    assert f'xml:lang="{tag}"' in Client().get(f"{address()}feed.atom").content.decode()
    assert tag in Client().get("/open-data/leadership-development/feedback.csv").content.decode()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"language": "xx-nothing"}, "This language is not known here."),
        ({"language": "mis"}, "This language is not known here."),
        ({"language": "<b>sw"}, "This language is not known here."),
        ({"language": "x" * 5000}, "Please choose one of the answers given here."),
        ({"language": "+"}, "Please name the language."),
        ({"language": "+", "other_language": "Elvish of the woods"}, "This language is not known here."),
        ({"language": "en", "other_language": "Swahili"}, "You chose a language of the list too"),
        ({"language": ""}, "Please choose one."),
    ],
)
def test_what_nobody_knows_is_said_so_and_nothing_typed_is_lost(
    window: FeedbackWindow, visitor: Client, fields: dict[str, str], told: str
) -> None:
    response = sent(visitor, **fields)
    html = response.content.decode()
    assert response.status_code == 200
    assert told in html
    assert SAID in html
    assert "<b>sw" not in html
    shown = parsed(html).fields
    assert shown is not None
    if 0 < len(fields["language"]) < 100:
        assert shown["language"] == fields["language"]
    assert shown["other_language"] == fields.get("other_language", "")
    assert not FeedbackItem.objects.exists()
    assert visitor.post(address(), {**shown, "language": "sw", "other_language": ""}).status_code == 303


def test_its_author_changes_it_and_it_stays_in_its_language(window: FeedbackWindow, visitor: Client) -> None:
    edit = sent(visitor, language="sw").headers["Location"] + "edit/"
    fields = main_form(visitor, edit)
    assert fields["language"] == "sw"
    assert visitor.post(edit, {**fields, text_question(fields): "Maneno mengine."}).status_code == 303
    assert FeedbackItem.objects.get().language == "sw"
    again = main_form(visitor, edit)
    assert visitor.post(edit, {**again, "language": "+", "other_language": "Zulu"}).status_code == 303
    item = FeedbackItem.objects.get()
    assert (item.language, list(item.wordings.order_by("number").values_list("language", flat=True))) == (
        "zu", ["sw", "sw"],
    )  # fmt: skip


def test_a_draft_keeps_it(window: FeedbackWindow, visitor: Client) -> None:
    for fields in ({"language": "sw"}, {"language": "+", "other_language": "Kiswahili"}):
        form = filled(visitor, **fields)
        assert visitor.post(address(), {**form, "act": "keep"}).status_code == 303
        shown = main_form(visitor, address())
        assert {name: shown[name] for name in fields} == fields
    assert FeedbackDraft.objects.count() == 1


def test_it_is_counted_and_no_small_group_is_told(window: FeedbackWindow, settings: Any) -> None:
    settings.SMALL_GROUP = 2
    for code in ("sw", "sw", "en", "en", "en", "zu"):
        browser = Client(enforce_csrf_checks=True)
        sent(browser, language=code)
    told_of = counting.tally(window).groups["language"]
    assert dict(told_of.groups).keys() <= {"en", "sw"}
    assert told_of.rest
    html = Client().get(f"{address()}items/").content.decode()
    select = html[html.index('name="language"') :].partition("</select>")[0]
    assert re.findall(r'value="(\w+)"', select) == ["en", "sw", "zu"]
    assert "isiZulu\u2069</option>" in select or "isiZulu</option>" in select, "without its number"
    assert listed("?language=zu") != listed("?language=sw")
    assert "Please choose one of the list." in Client().get(f"{address()}items/?language=xx").content.decode()


def test_facilitators_enter_it_one_by_one(page: Client, window: FeedbackWindow) -> None:
    """Any of them: a language that the portal does not have is no role's. In one that it has, only theirs."""
    assert page.post(ENTER, typed(page, language="+", other_language="Kiswahili")).status_code == 303
    item = FeedbackItem.objects.get()
    assert item.language == "sw"
    assert 'lang="sw"' in read(item)
    refused = page.post(ENTER, typed(page, language="+", other_language="Arabic"))
    assert "Please choose one of the list." in refused.content.decode()
    correct = f"{ENTER}{item.reference}/correct/"
    fields = main_form(page, correct)
    assert fields["language"] == "sw"
    assert page.post(correct, {**fields, "channel": "mail"}).status_code == 303
    item.refresh_from_db()
    assert (item.language, item.channel) == ("sw", "mail")
    assert page.get(f"{ENTER}{item.reference}/take-back/").status_code == 200


def test_facilitators_paste_it(page: Client, window: FeedbackWindow) -> None:
    names = "channel\tsaid_on\tspoke\tLanguage it was said in\tWhat should the task force do?"
    lines = [f"chat\t2022-02-10\treader\t{one}\t{SAID} {one}" for one in ("sw", "Kiswahili", "Swahili", "Elvish", "ar")]
    fields = previewed(page, names, *lines)
    html = page.post(TABLE, {**fields, "act": "preview"}).content.decode()
    assert "3 lines can be entered." in html
    assert "This language is not known here." in html
    assert "Elvish" in html
    assert page.post(TABLE, fields).status_code == 303
    assert sheets.enter_due(MOMENT) == 3
    assert set(FeedbackItem.objects.values_list("language", flat=True)) == {"sw"}
    assert SheetLine.objects.filter(fault="wrong").count() == 2


def test_whoever_enters_nothing_enters_it_in_no_language(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    with pytest.raises(Refused):
        services.enter(window.pk, told(window, language="sw"), form_key=key_at(window), actor=people["member"])
    assert not FeedbackItem.objects.exists()


def test_translators_find_it(window: FeedbackWindow, visitor: Client, people: dict[str, User]) -> None:
    sent(visitor, language="sw")
    item = FeedbackItem.objects.get()
    browser = Client()
    browser.force_login(people["coordinator"])
    for path in (f"{address()}translate/?from=sw", f"{of(item)}translate/"):
        assert SAID in browser.get(path).content.decode()


@pytest.mark.parametrize("code", ["sw", "ckb", "fa", "yue", "zu", "de"])
def test_what_a_language_is_called_and_how_it_runs_is_as_cldr_has_it(code: str) -> None:
    locale = Locale.parse(code)
    assert languages.own_name(code).casefold() == locale.languages[code].casefold()
    assert languages.direction(code) == {"left-to-right": "ltr", "right-to-left": "rtl"}[locale.character_order]


@pytest.mark.parametrize("code", languages.CODES)
def test_a_language_of_the_portal_is_its_own_code(code: str) -> None:
    for named in (code, languages.html_lang(code), languages.OWN_NAMES[code]):
        assert spoken.known(named, "en") == code
