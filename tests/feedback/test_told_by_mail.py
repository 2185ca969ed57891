"""In a window that asks for a mail address its author may ask to be told there; nobody else learns of it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import services, telling
from feedback.models import FeedbackItem, FeedbackWindow, ToldMailbox
from feedback.notices import answers as answer_notices
from feedback.services.telling import KEPT
from taskforce.accounts.models import User
from taskforce.core import sealedlinks
from taskforce.notifications import composing, expansion, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.services import sending
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, filled, main_form, text_question
from tests.feedback.test_answering import draft, release
from tests.feedback.test_author_mails import appeal, hide, mails, written
from tests.feedback.test_confirming import MAILBOX, by_mail, link
from tests.timeline.bulletins import follow

__all__ = ["by_mail"]
Cast = dict[str, User]


def said(words: str, *, tell: bool = True, language: str = "ar", mailbox: str = MAILBOX) -> FeedbackItem:
    """Send something, from a browser of its own, and confirm it as the page of the link is read in `language`."""
    visitor = Client()
    fields = filled(visitor, mailbox=mailbox, visibility="nameless")
    assert visitor.post(address(), {**fields, text_question(fields): words}).status_code == 303
    OutboxMessage.objects.exclude(kind="feedback-confirm").update(kind="earlier")
    path = link().replace("/en/", f"/{language}/", 1)
    response = visitor.post(path, {**main_form(visitor, path), **({"tell": "on"} if tell else {})})
    assert response.status_code == 303, response.content.decode()
    return FeedbackItem.objects.latest("pk")


def own(item: FeedbackItem) -> str:
    return f"{address()}mine/{services.own_link(item)}/"


def stop_path(item: FeedbackItem) -> str:
    return f"{address()}stop/{telling.stop_token(item.window_id, MAILBOX)}/"


def test_nothing_is_kept_unless_it_is_asked_for_on_the_page_of_the_mail(by_mail: FeedbackWindow, people: Cast) -> None:
    visitor = Client()
    assert "tell" not in filled(visitor)
    item = said("Words of Ann.", tell=False)
    assert not ToldMailbox.objects.exists()
    hide(item, people)
    assert mails("feedback-hidden") == []
    assert "/stop/" not in Client().get(own(item)).content.decode()


def test_who_only_typed_the_address_asks_for_nothing(by_mail: FeedbackWindow) -> None:
    """Nor does a form of the window with the field in it."""
    visitor = Client()
    visitor.post(address(), filled(visitor, mailbox=MAILBOX, tell="on"))
    visitor.post(link(), main_form(visitor, link()))
    assert FeedbackItem.objects.count() == 1
    assert not ToldMailbox.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "kind"), [("put-back", "feedback-shown-again"), ("upheld", "feedback-stays-hidden")]
)
def test_they_hear_once_and_in_their_language_that_it_was_hidden_and_what_came_of_an_appeal(
    by_mail: FeedbackWindow, people: Cast, outcome: str, kind: str
) -> None:
    item = hide(said("Words of Ann."), people)
    (mail,) = mails("feedback-hidden")
    assert (mail.mailbox, mail.language) == (MAILBOX, "ar")
    subject, text = written(mail)
    assert mail.context["stop_url"] in text
    rendered = rendering.render(kinds.get(mail.kind), mail.context, mail.language)
    header = composing.compose(mail, rendered, composing.ways_of(mail)).content.decode()
    assert f"List-Unsubscribe: <{mail.context['stop_url']}>" in header
    for secret in (item.reference, "Words of Ann", item.form_key, MAILBOX):
        assert secret not in subject + text
    assert Client().get(mail.context["url"].removeprefix("http://testserver")).status_code == 200
    OutboxMessage.objects.update(state="sent")
    appeal(item, people, outcome)
    (told,) = mails(kind)
    assert (told.mailbox, told.language) == (MAILBOX, "ar")
    assert "Read again." in written(told)[1]


def test_they_hear_once_a_release_of_all_their_texts_and_not_as_followers_too(
    by_mail: FeedbackWindow, people: Cast, tf: TaskForce
) -> None:
    items = [said("First words."), said("Second words.", mailbox=MAILBOX.upper())]
    said("Of somebody who did not ask.", tell=False, mailbox="bob@example.org")
    follow(tf, MAILBOX, topic="answers")
    draft(by_mail, people["coordinator"], *items)
    made = release(by_mail, people["coordinator"])
    for _ in range(2):
        expansion.expand_due()
        answer_notices.released(made)
    (mail,) = OutboxMessage.objects.filter(kind__in=["feedback-own-answers", "feedback-answers"])
    assert (mail.kind, mail.mailbox.lower(), mail.language) == ("feedback-own-answers", MAILBOX, "ar")
    assert {one["reference"] for one in mail.context["answers"]} == {item.reference for item in items}
    assert mail.context["stop_url"] in written(mail)[1]


def test_who_has_an_account_gets_no_link_to_stop_it(by_mail: FeedbackWindow, people: Cast) -> None:
    item = said("Words of Ann.")
    FeedbackItem.objects.filter(pk=item.pk).update(author=people["member"])
    hide(FeedbackItem.objects.get(pk=item.pk), people)
    (mail,) = mails("feedback-hidden")
    assert (mail.mailbox, mail.context["stop_url"]) == (people["member"].email, "")


def test_what_comes_later_from_the_same_browser_is_told_too_until_they_stop_it(by_mail: FeedbackWindow) -> None:
    visitor = Client()
    visitor.post(address(), filled(visitor, mailbox=MAILBOX))
    visitor.post(link(), {**main_form(visitor, link()), "tell": "on"})
    for turn, number in enumerate((2, 2)):
        fields = filled(visitor, mailbox=MAILBOX)
        visitor.post(address(), {**fields, text_question(fields): f"More of what I have to say, {turn}."})
        assert FeedbackItem.objects.count() == 2 + turn
        assert ToldMailbox.objects.count() == (number if not turn else 0)
        Client().post(stop_path(FeedbackItem.objects.latest("pk")))


# --- erased ----------------------------------------------------------------------------------------------------------


def test_the_page_of_ones_own_text_and_each_mail_lead_to_where_it_stops(by_mail: FeedbackWindow, people: Cast) -> None:
    item, other = said("Words of Ann."), said("Of Bob.", mailbox="bob@example.org")
    hide(item, people)
    assert stop_path(item) in Client().get(own(item)).content.decode()
    page = Client()
    assert "<form" in page.get(stop_path(item)).content.decode()
    assert ToldMailbox.objects.count() == 2
    for _ in range(2):
        shown = page.post(stop_path(item), main_form(page, stop_path(item)) if _ == 0 else {})
        assert shown.status_code == 200
        assert MAILBOX not in shown.content.decode()
    assert [row.item_id for row in ToldMailbox.objects.all()] == [other.pk]
    assert [mail.state for mail in mails("feedback-hidden")] == ["superseded"]
    assert "/stop/" not in Client().get(own(item)).content.decode()
    draft(by_mail, people["coordinator"], other)
    release(by_mail, people["coordinator"])
    assert [mail.mailbox for mail in mails("feedback-own-answers")] == ["bob@example.org"]


def test_it_goes_with_a_withdrawal(by_mail: FeedbackWindow) -> None:
    item = said("Words of Ann.")
    services.withdraw(item.pk, at=OPENS)
    assert not ToldMailbox.objects.exists()


def test_who_asks_for_erasure_is_found_by_the_address_alone(by_mail: FeedbackWindow) -> None:
    said("Words of Ann.")
    left = said("Of Bob.", mailbox="bob@example.org")
    told = StringIO()
    call_command("stop_telling", MAILBOX.upper(), "nobody@example.org", stdout=told)
    assert [row.item_id for row in ToldMailbox.objects.all()] == [left.pk]
    assert told.getvalue().splitlines() == [
        f"{MAILBOX.upper()}: forgotten with 1 text.",
        "Nothing is kept under nobody@example.org.",
    ]


def test_what_is_no_address_is_refused_and_nothing_forgotten(by_mail: FeedbackWindow) -> None:
    said("Words of Ann.")
    with pytest.raises(CommandError, match="No mail address: notanaddress"):
        call_command("stop_telling", MAILBOX, "notanaddress")
    assert ToldMailbox.objects.count() == 1


@pytest.mark.parametrize("is_answered", [False, True], ids=["never", "answered"])
def test_a_year_after_the_last_release_it_is_forgotten(
    by_mail: FeedbackWindow, people: Cast, *, is_answered: bool
) -> None:
    item = said("Words of Ann.")
    last = CLOSES
    if is_answered:
        draft(by_mail, people["coordinator"], item)
        made = release(by_mail, people["coordinator"])
        last += timedelta(days=30)
        type(made).objects.filter(pk=made.pk).update(at=last)
    assert services.forget_told(last + KEPT - timedelta(minutes=1)) == 0
    assert services.forget_told(last + KEPT) == 1
    assert not ToldMailbox.objects.exists()


# --- seen by nobody --------------------------------------------------------------------------------------------------


def copy_of_the_database() -> str:
    """Every row of every table, but for the mails and their limits: those have the address and nothing of a text."""
    with connection.cursor() as cursor:
        made = []
        for table in connection.introspection.table_names(cursor):
            if not table.startswith(("notifications_", "limits_")):
                cursor.execute(f'SELECT row_to_json(each)::text FROM "{table}" AS each')  # noqa: S608 - of the catalogue
                made += [row[0] for row in cursor.fetchall()]
    return "\n".join(made)


@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed", "twin"])
def test_no_copy_of_the_database_says_whose_a_text_is(
    by_mail: FeedbackWindow, monkeypatch: pytest.MonkeyPatch, *, is_sealed: bool
) -> None:
    if not is_sealed:
        monkeypatch.setattr(telling, "sealed", lambda item, mailbox: f"{item} {mailbox}")
    said("Words of Ann.")
    assert (MAILBOX not in copy_of_the_database()) is is_sealed


def test_nor_which_texts_are_of_one_mailbox(by_mail: FeedbackWindow) -> None:
    said("First words.")
    said("Second words.")
    one, other = ToldMailbox.objects.values_list("item", "sealed")
    assert one[1] != other[1]
    assert telling.mailbox_of(*one) == telling.mailbox_of(*other) == MAILBOX
    assert telling.mailbox_of(one[0], other[1]) == ""
    with pytest.raises(sealedlinks.NoToken):
        sealedlinks.unseal(one[1], "feedback.stop-telling")


def test_the_outbox_forgets_which_texts_were_answered(by_mail: FeedbackWindow, people: Cast) -> None:
    item = said("Words of Ann.")
    draft(by_mail, people["coordinator"], item)
    release(by_mail, people["coordinator"])
    (mail,) = mails("feedback-own-answers")
    assert item.reference in str(mail.context)
    assert item.reference not in str(sending._without_secrets(mail))


def test_staff_and_the_public_see_nothing_of_it(by_mail: FeedbackWindow, people: Cast) -> None:
    """Neither the mailbox nor what stands for it."""
    item = said("Words of Ann.")
    staff = Client()
    staff.force_login(people["coordinator"])
    pages = [
        (Client(), f"{address()}items/"),
        (Client(), f"{address()}items/{item.reference}/"),
        (Client(), "/open-data/leadership-development/feedback.json"),
        (staff, "/en/admin/feedback/feedbackitem/"),
        (staff, "/en/admin/audit/entry/"),
    ]
    for reader, path in pages:
        shown = reader.get(path)
        assert shown.status_code == 200, path
        for secret in (MAILBOX, ToldMailbox.objects.get().sealed, "/stop/"):
            assert secret not in shown.content.decode(), path


def test_a_release_costs_the_same_for_two_and_for_ten(by_mail: FeedbackWindow, people: Cast) -> None:
    def cost(number: int) -> int:
        items = [said(f"Words {number} {turn}.", mailbox=f"a{number}{turn}@example.org") for turn in range(number)]
        draft(by_mail, people["coordinator"], *items)
        with CaptureQueriesContext(connection) as found:
            release(by_mail, people["coordinator"])
        return len(found)

    assert cost(2) == cost(5)
