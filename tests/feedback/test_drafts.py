"""Drafts of feedback: kept for a browser, found again by it alone, gone once they are sent."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import browsers, services
from feedback.enums import Participation
from feedback.models import FeedbackDraft, FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from feedback.services.drafts import KEPT_AFTER_CLOSE
from proposals.models import Proposal, Unit, UnitText
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.questions.enums import LONGEST_ANSWER
from tests.clients import Client
from tests.conftest import Clock
from tests.costs import cost
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address, filled, main_form, parsed, text_question

WORDS = "Half a thought about"


def keep(visitor: Client, words: str = WORDS, path: str | None = None, **changes: Any) -> Any:
    """Press "Save draft" on a fresh form."""
    fields: dict[str, Any] = dict(main_form(visitor, path or address()))
    typed = {**fields, text_question(fields): words, "act": "keep", **changes}
    return visitor.post(path or address(), typed)


def typed_in(visitor: Client, path: str | None = None) -> str:
    fields = main_form(visitor, path or address())
    return fields[text_question(fields)]


def test_it_is_there_again_in_another_language_and_nowhere_else(window: FeedbackWindow, visitor: Client) -> None:
    response = keep(visitor, visibility="public", name="Ada", language="fr")
    assert (response.status_code, response.headers["Location"]) == (303, address())
    fields = main_form(visitor, address("ar"))
    assert (fields[text_question(fields)], fields["name"], fields["visibility"]) == (WORDS, "Ada", "public")
    assert fields["language"] == "fr"
    assert "Nothing of it has been sent yet." in visitor.get(address()).content.decode()
    assert typed_in(Client()) == ""
    assert not FeedbackItem.objects.exists()
    assert not Entry.objects.filter(action__startswith="feedback.").exclude(action="feedback.window-published").exists()


def test_what_keeps_itself_says_on_no_page_that_a_button_was_pressed(window: FeedbackWindow, visitor: Client) -> None:
    said = "Your draft is saved."
    assert keep(visitor, itself="1").status_code == 200
    assert said not in visitor.get(address()).content.decode()
    assert keep(visitor, "More of it.").status_code == 303
    assert said in visitor.get(address()).content.decode()


def test_nothing_of_it_leads_to_the_browser(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    secret = visitor.cookies[browsers.NAME].value
    draft = FeedbackDraft.objects.get()
    assert secret not in draft.browser_hash
    assert browsers.hashed(secret, window.pk + 1) != draft.browser_hash
    assert visitor.cookies[browsers.NAME]["httponly"]


@pytest.mark.parametrize("secret", ["", "x", "a" * 5000, "é" * 32, "../" * 11])
def test_a_secret_that_is_none_of_ours_finds_nothing(window: FeedbackWindow, visitor: Client, secret: str) -> None:
    visitor.cookies[browsers.NAME] = secret
    assert typed_in(visitor) == ""
    assert keep(visitor).status_code == 303
    assert typed_in(visitor) == WORDS


def test_what_is_half_right_is_kept_and_sent_later(window: FeedbackWindow, visitor: Client) -> None:
    """A name beside "without a name" is an error when it is sent, and may wait."""
    keep(visitor, visibility="nameless", name="Ada")
    fields = main_form(visitor, address())
    assert fields["name"] == "Ada"
    assert "You wrote a name" in visitor.post(address(), fields).content.decode()
    assert visitor.post(address(), {**fields, "name": ""}).status_code == 303
    assert not FeedbackDraft.objects.exists()
    assert typed_in(visitor) == ""


def test_another_tab_loses_nothing(window: FeedbackWindow, visitor: Client) -> None:
    first = dict(main_form(visitor, address()))
    keep(visitor, "From one tab.")
    response = visitor.post(address(), {**first, text_question(first): "From the other.", "act": "keep"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "From one tab.</textarea>" in html
    assert "From the other.</textarea>" in html
    assert typed_in(visitor) == "From one tab."
    again = parsed(html).fields
    assert again is not None
    assert visitor.post(address(), {**again, "act": "keep"}).status_code == 303
    assert typed_in(visitor) == "From the other."


def test_sending_an_older_form_leaves_a_newer_draft(window: FeedbackWindow, visitor: Client) -> None:
    older = filled(visitor)
    keep(visitor)
    assert visitor.post(address(), older).status_code == 303
    assert typed_in(visitor) == WORDS


def test_what_was_sent_stays_in_no_draft(window: FeedbackWindow, visitor: Client) -> None:
    """It was just being saved by itself when it was sent: the next one at the same browser reads nothing of it."""
    keep(visitor)
    older = dict(main_form(visitor, address()))
    older[text_question(older)] = "A private thought."
    assert by_script(visitor, older, "A private thought.").json()["kept"] == 2
    assert visitor.post(address(), older).status_code == 303
    assert not FeedbackDraft.objects.exists()
    assert typed_in(visitor) == ""


def test_what_saves_itself_after_it_was_sent_makes_no_draft(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    fields = dict(main_form(visitor, address()))
    assert visitor.post(address(), fields).status_code == 303
    late = by_script(visitor, fields, "A private thought.")
    assert late.status_code == 409
    # By that the script knows that nothing is kept, and stops.
    assert "fields" not in late.json()
    assert not FeedbackDraft.objects.exists()
    # Whoever presses the button wants it kept.
    assert keep(visitor, kept=fields["kept"]).status_code == 303


def test_the_first_saving_that_comes_after_its_form_was_sent_makes_no_draft(
    window: FeedbackWindow, visitor: Client
) -> None:
    """It was shown with no draft: what tells it is the key of its form, also where that waits for a mail."""
    fields = filled(visitor)
    assert visitor.post(address(), fields).status_code == 303
    late = by_script(visitor, fields, "A private thought.")
    assert (late.status_code, "fields" in late.json()) == (409, False)
    assert not FeedbackDraft.objects.exists()
    # Another form is another text, and whoever presses the button wants it kept.
    assert by_script(visitor, dict(main_form(visitor, address())), "Another one.").status_code == 200
    FeedbackDraft.objects.all().delete()
    assert keep(visitor, form_key=fields["form_key"]).status_code == 303


def test_the_first_saving_that_comes_while_its_form_waits_for_a_mail_makes_no_draft(
    window: FeedbackWindow, visitor: Client
) -> None:
    FeedbackWindow.objects.update(participation=Participation.MAIL)
    fields = {**filled(visitor), "mailbox": "ada@example.org"}
    assert visitor.post(address(), fields).status_code == 303
    assert FeedbackUnconfirmed.objects.exists()
    assert by_script(visitor, fields, "A private thought.").status_code == 409
    assert not FeedbackDraft.objects.exists()


def test_the_same_again_is_no_new_version(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    keep(visitor)
    assert FeedbackDraft.objects.get().version == 1


def test_it_is_thrown_away_by_a_button(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    fields = main_form(visitor, address())
    html = visitor.get(address()).content.decode()
    # On a page of its own, so that one slip of a finger loses nothing.
    assert "?discard=1" in html
    assert 'value="discard"' not in html
    asked = main_form(visitor, f"{address()}?discard=1")
    html = visitor.get(f"{address()}?discard=1").content.decode()
    assert WORDS in html
    assert 'value="discard"' in html
    assert FeedbackDraft.objects.exists()
    assert visitor.post(address(), {**asked, "act": "discard"}).status_code == 303
    assert not FeedbackDraft.objects.exists()
    assert visitor.post(address(), {**fields, "act": "discard"}).status_code == 303
    assert "?discard=1" not in visitor.get(address()).content.decode()
    assert 'value="discard"' not in visitor.get(f"{address()}?discard=1").content.decode()


def test_a_preview_says_whether_it_is_the_draft(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    fields = main_form(visitor, address())
    said = "This is your draft."
    html = visitor.post(address(), {**fields, "act": "preview"}).content.decode()
    assert html.index("<h1") < html.index(said) < html.index("before-sending")
    other = {**fields, text_question(fields): "Other words.", "act": "preview"}
    assert said not in visitor.post(address(), other).content.decode()


def test_who_comes_another_way_finds_the_way_to_it(window: FeedbackWindow, text: Proposal, visitor: Client) -> None:
    units = [
        Unit.objects.create(proposal=text, position=90 + one, kind="paragraph", source_language="en")
        for one in range(3)
    ]
    named = [f"{address()}?unit={unit.pk}" for unit in units]
    UnitText.objects.create(
        unit=units[0], language="en", text="Leaders are chosen by lot.", html="Leaders are chosen by lot."
    )
    keep(visitor, "About it.", named[0])
    with CaptureQueriesContext(connection) as one:
        html = visitor.get(address()).content.decode()
    assert f'href="{named[0]}"' in html
    assert "Leaders are chosen by lot." in html
    # By one's own words, and a button.
    assert '<q dir="auto">About it.</q>' in html
    assert "Go on writing" in html
    for place in named[1:]:
        keep(visitor, "About it.", place)
    with CaptureQueriesContext(connection) as three:
        html = visitor.get(address()).content.decode()
    assert all(f'href="{place}"' in html for place in named)
    assert len(one) == len(three)
    # From the paragraph itself only to the others; and nobody else finds any.
    assert f'href="{named[0]}"' not in visitor.get(named[0]).content.decode().split("<form", 1)[0].split("<main", 1)[1]
    assert "that is not sent" not in Client().get(address()).content.decode()


def test_each_paragraph_has_its_own(window: FeedbackWindow, text: Proposal, visitor: Client) -> None:
    unit = Unit.objects.create(proposal=text, position=90, kind="paragraph", source_language="en")
    about = f"{address()}?unit={unit.pk}"
    keep(visitor, "About it.", about)
    keep(visitor, "About all.")
    assert (typed_in(visitor, about), typed_in(visitor)) == ("About it.", "About all.")
    keep(visitor, "About it, and all.", about, unit="")
    assert typed_in(visitor, about) == "About it, and all."
    assert main_form(visitor, about)["unit"] == ""
    assert FeedbackDraft.objects.count() == 2


def test_nothing_is_kept_of_nothing(window: FeedbackWindow, visitor: Client) -> None:
    assert "Nothing was saved" in keep(visitor, " ").content.decode()
    assert not FeedbackDraft.objects.exists()


@pytest.mark.parametrize("words", ["x" * (LONGEST_ANSWER + 1), "a\x01b"])
def test_what_cannot_be_stored_says_so_at_its_field(window: FeedbackWindow, visitor: Client, words: str) -> None:
    response = keep(visitor, words)
    assert response.status_code == 200
    assert "data-main" in response.content.decode()
    assert not FeedbackDraft.objects.exists()


def test_after_the_close_it_can_be_copied_and_is_gone_in_the_end(
    window: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    fields = dict(main_form(visitor, address()))
    keep(visitor)
    clock.set(CLOSES + timedelta(days=1))
    html = visitor.get(address()).content.decode()
    assert WORDS in html
    assert parsed(html).fields is None
    assert WORDS not in Client().get(address()).content.decode()
    refused = visitor.post(address(), {**fields, text_question(fields): "More.", "act": "keep"})
    assert refused.status_code == 403
    assert "More." in refused.content.decode()
    assert services.forget_drafts(CLOSES + KEPT_AFTER_CLOSE) == 0
    assert services.forget_drafts(CLOSES + KEPT_AFTER_CLOSE + timedelta(seconds=1)) == 1


def test_what_no_browser_finds_any_more_is_gone(window: FeedbackWindow, visitor: Client) -> None:
    keep(visitor)
    assert services.forget_drafts(app_now()) == 0
    FeedbackDraft.objects.update(kept_at=app_now() - browsers.KEPT_FOR - timedelta(seconds=1))
    assert services.forget_drafts(app_now()) == 1


def test_who_saves_very_often_waits(window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "FEEDBACK_DRAFT", table.FEEDBACK_DRAFT._replace(most=1))
    keep(visitor)
    response = keep(visitor, "More of it.")
    assert response.status_code == 429
    assert "More of it.</textarea>" in response.content.decode()
    assert typed_in(visitor) == WORDS


def by_script(visitor: Client, fields: Any, words: str) -> Any:
    """As the page's script saves what is typed."""
    typed = {**fields, text_question(fields): words, "act": "keep"}
    return visitor.post(address(), typed, headers={"Accept": "application/json"})


def test_who_types_in_one_hall_keeps_nobody_from_it(
    window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each browser has a count of its own; the address has wide ones, of first drafts and of changes."""
    monkeypatch.setattr(table, "FEEDBACK_DRAFT", table.FEEDBACK_DRAFT._replace(most=2))
    others = [Client() for _ in range(3)]
    for one in (visitor, *others):
        fields = main_form(one, address())
        first = by_script(one, fields, "First.")
        assert first.status_code == 200
        again = {**fields, "kept": first.json()["kept"]}
        assert by_script(one, again, "Second.").status_code == 200
    third = by_script(visitor, {**main_form(visitor, address())}, "Third.")
    assert third.status_code == 429
    assert int(third.headers["Retry-After"]) > 0
    assert "very often" in third.json()["error"]
    assert typed_in(visitor) == "Second."
    monkeypatch.setattr(table, "FEEDBACK_DRAFT", table.FEEDBACK_DRAFT._replace(most=9))
    monkeypatch.setattr(table, "FIRST_DRAFT", table.FIRST_DRAFT._replace(most=4))
    assert keep(Client()).status_code == 429
    assert keep(visitor, "Third.").status_code == 303
    monkeypatch.setattr(table, "DRAFTS_FROM", table.DRAFTS_FROM._replace(most=5))
    assert keep(visitor, "Fourth.").status_code == 429


def test_a_browser_that_throws_its_code_away_is_counted_by_its_address(
    window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "FIRST_DRAFT", table.FIRST_DRAFT._replace(most=2))
    assert [keep(Client()).status_code for _ in range(3)] == [303, 303, 429]
    assert FeedbackDraft.objects.count() == 2


def test_the_script_is_answered_in_a_few_bytes(window: FeedbackWindow, visitor: Client) -> None:
    fields = main_form(visitor, address())
    answer = by_script(visitor, fields, WORDS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert len(answer.content) < 100
    assert answer.headers["Cache-Control"] == "private, no-store"
    draft = FeedbackDraft.objects.get()
    assert answer.json()["kept"] == draft.version == 1
    saved_at = datetime.fromisoformat(answer.json()["at"])
    assert saved_at.replace(microsecond=0) == draft.kept_at.replace(microsecond=0)
    assert typed_in(visitor) == WORDS
    # Another tab, which has not seen it: 409, with what is kept; the button shows both.
    answer = by_script(visitor, fields, "From the other.")
    assert answer.status_code == 409
    assert answer.json()["kept"] == 1
    assert answer.json()["fields"][text_question(fields)] == [WORDS]
    assert typed_in(visitor) == WORDS
    # With nothing in it.
    assert by_script(visitor, fields, " ").status_code == 400
    # No message waits for the next page.
    assert "Your draft is saved" not in visitor.get(address()).content.decode()


def test_after_the_close_the_script_is_refused(window: FeedbackWindow, visitor: Client, clock: Clock) -> None:
    fields = main_form(visitor, address())
    clock.set(CLOSES)
    for words in (WORDS, " "):
        answer = by_script(visitor, fields, words)
        assert (answer.status_code, list(answer.json())) == (403, ["error"])
    assert not FeedbackDraft.objects.exists()


@pytest.mark.parametrize("about", ["", "paragraph"])
def test_saving_costs_little(window: FeedbackWindow, text: Proposal, visitor: Client, about: str) -> None:
    """The first time and again, however many drafts there are."""
    unit = Unit.objects.create(proposal=text, position=90, kind="paragraph", source_language="en")
    place = f"{address()}?unit={unit.pk}" if about else address()
    for others in (0, 20):
        for number in range(others):
            keep(Client(), f"Words {number}.", place)
        fields = {**main_form(visitor, place), "act": "keep"}
        for words in (f"First with {others}.", f"Second with {others}."):
            typed = {**fields, text_question(fields): words}
            found = cost(lambda: visitor.post(place, typed, headers={"Accept": "application/json"}))  # noqa: B023
            # The window, the draft, two counters, the draft.
            assert found.inside <= 5, found.asked
            assert found.together <= 6 + bool(about), found.asked
            fields["kept"] = str(FeedbackDraft.objects.order_by("kept_at").last().version)  # type: ignore[union-attr]
        assert FeedbackDraft.objects.filter(fields__contains={text_question(fields): [words]}).exists()


@pytest.mark.parametrize("kept", ["", "x", "-1", "9" * 40, "١"])
def test_whatever_version_is_sent_nothing_breaks(window: FeedbackWindow, visitor: Client, kept: str) -> None:
    assert visitor.post(address(), filled(visitor, kept=kept)).status_code == 303


def test_it_saves_itself_where_there_is_a_script(window: FeedbackWindow, visitor: Client) -> None:
    html = visitor.get(address()).content.decode()
    assert "portal/draft" in html
    assert " data-draft " in html
    assert "data-draft-status" in html


def test_who_has_no_draft_pays_nothing_for_it(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    with CaptureQueriesContext(connection) as asked:
        visitor.get(address())
        visitor.post(address(), fields)
    assert not [query for query in asked if "feedbackdraft" in query["sql"]]


def test_the_page_of_an_account_names_what_waits_in_this_browser(
    window: FeedbackWindow, text: Proposal, visitor: Client, people: dict[str, User], clock: Clock
) -> None:
    """Whoever typed it: for which window, when it was kept and until when, with the ways on; in no other browser."""
    unit = Unit.objects.create(proposal=text, position=90, kind="paragraph", source_language="en")
    UnitText.objects.create(unit=unit, language="en", text="Whoever joins learns.", html="Whoever joins learns.")
    place = f"{address()}?unit={unit.pk}"
    keep(visitor)
    keep(visitor, path=place)
    other = Client()
    for client in (visitor, other):
        client.force_login(people["member"])
    page = "/en/accounts/email/"
    assert "Drafts in this browser" not in other.get(page).content.decode()
    made = visitor.get(page).content.decode().split('id="drafts-here"')[1].split("</section>")[0]
    assert made.count("Go on writing") == 2
    assert made.count("Kept until") == 2
    assert "Whoever joins learns." in made
    assert "The whole text" in made
    assert (CLOSES + KEPT_AFTER_CLOSE).date().isoformat() in made
    assert WORDS not in made
    for path in (address(), place, f"{address()}?discard=1", f"{address()}?discard=1&amp;unit={unit.pk}"):
        assert f'href="{path}"' in made
    clock.set(CLOSES)
    assert "Go on writing" not in visitor.get(page).content.decode()
    visitor.cookies.pop(browsers.NAME)
    assert "Drafts in this browser" not in visitor.get(page).content.decode()
