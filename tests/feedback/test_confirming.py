"""A window that asks for a mail address: what is sent there waits, unseen and uncounted, until its link is followed."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from pytest_django import Settings

from feedback import queries, services
from feedback.enums import Participation
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now, real_now
from taskforce.core.errors import Refused
from taskforce.limits import mailboxes, table
from taskforce.limits.mailboxes import folded
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.gates import new_form_key, read_form_key
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address, filled, main_form, text_question

WORDS = "Leaders grow where they are trusted."
MAILBOX = "ann@example.org"


@pytest.fixture
def by_mail(window: FeedbackWindow) -> FeedbackWindow:
    """The same window, for whoever confirms a mail address."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.MAIL)
    window.refresh_from_db()
    return window


def send(visitor: Client, **changes: str) -> str:
    """Say something; returns the address of the receipt."""
    response = visitor.post(address(), filled(visitor, **{"mailbox": MAILBOX, **changes}))
    assert response.status_code == 303, response.content.decode()
    return str(response.headers["Location"])


def link() -> str:
    """The path of the link in the last mail."""
    return str(urlsplit(OutboxMessage.objects.latest("pk").context["url"]).path)


def test_it_waits_unseen_until_the_link_is_followed(
    by_mail: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    own = send(visitor, name="Ann the Brave", visibility="public")
    assert not FeedbackItem.objects.exists()
    row = FeedbackUnconfirmed.objects.get()
    receipt = Client().get(own).content.decode()
    assert "follow the link in the mail" in receipt
    assert WORDS in receipt
    assert row.said["reference"] in receipt
    staff = Client()
    staff.force_login(people["moderator"])
    for reader, path in (
        (Client(), f"{address()}items/"),
        (Client(), "/open-data/leadership-development/feedback.json"),
        (staff, "/en/admin/feedback/feedbackitem/"),
    ):
        shown = reader.get(path).content.decode()
        assert row.said["reference"] not in shown, path
        assert WORDS not in shown, path
    assert queries.counts(by_mail)["total"] == queries.taken(by_mail.phase_id) == 0
    assert Client().get(link()).status_code == 200
    assert not FeedbackItem.objects.exists()
    response = visitor.post(link(), main_form(visitor, link()))
    assert response.status_code == 303
    assert response.headers["Location"] == own
    item = FeedbackItem.objects.get()
    assert (item.state, item.reference, item.received_at) == ("published", row.said["reference"], row.sent_at)
    assert FeedbackAnswer.objects.get(item=item).text == WORDS
    assert not FeedbackUnconfirmed.objects.exists()
    assert row.said["reference"] in Client().get(f"{address()}items/").content.decode()


def test_the_link_confirms_once_and_leads_to_the_text_from_then_on(by_mail: FeedbackWindow, visitor: Client) -> None:
    own = send(visitor)
    fields = main_form(visitor, link())
    for _ in range(2):
        assert visitor.post(link(), fields).headers["Location"] == own
    assert visitor.get(link()).headers["Location"] == own
    assert FeedbackItem.objects.count() == 1
    assert visitor.get(f"{link()[:-2]}/").status_code == 404


def test_the_mail_says_nothing_that_was_typed_and_the_address_is_nowhere_else(
    by_mail: FeedbackWindow, visitor: Client
) -> None:
    own = send(visitor, name="Ann the Brave", visibility="public")
    mail = OutboxMessage.objects.get()
    assert mail.mailbox == MAILBOX
    for typed in (WORDS, "Brave"):
        assert typed not in str(mail.context)
    kept = FeedbackUnconfirmed.objects.values().get()
    assert MAILBOX not in str(kept)
    assert str(kept["id"]) not in mail.key
    assert MAILBOX not in Client().get(own).content.decode() + Client().get(link()).content.decode()
    visitor.post(link(), main_form(visitor, link()))
    rows = [*FeedbackItem.objects.values(), *FeedbackAnswer.objects.values(), *Entry.objects.values()]
    assert MAILBOX not in str(rows)


def spelled(turn: int) -> str:
    """The same mailbox, as many servers read it: by case, dots, tags, and both ways to write its domain."""
    user = ("ann", "A.n.n", "ANN", "an.N")[turn % 4]
    tag = f"+{turn}" if turn % 3 else ""
    domain = ("bücher.example", "xn--bcher-kva.example", "BÜCHER.example")[turn % 3]
    return f"{user}{tag}@{domain}"


def network(turn: int) -> str:
    """An address of a network of its own, of either kind."""
    return f"2001:db8:{turn:x}::1" if turn % 2 else f"198.{18 + turn // 250}.{turn % 250}.7"


@pytest.mark.parametrize("posts", [24, pytest.param(1000, marks=pytest.mark.long)])
def test_one_mailbox_gets_three_mails_a_day(
    by_mail: FeedbackWindow, visitor: Client, settings: Settings, posts: int
) -> None:
    """From whatever network, in whatever spelling, in several windows; outwardly each is like the first."""
    settings.TRUSTED_PROXIES = 1
    FeedbackWindow.objects.create(
        phase=by_mail.phase, proposal=by_mail.proposal, questions=by_mail.questions, slug="other", title="Other",
        published_at=by_mail.published_at, participation=Participation.MAIL,
    )  # fmt: skip
    places = [address(), address("ar").replace("responsibilities", "other")]
    fields = filled(visitor)
    answers = set()
    for turn in range(posts):
        key = new_form_key(app_now(), by_mail.phase_id)
        said = {"form_key": key, "mailbox": spelled(turn), text_question(fields): f"{WORDS} {turn}"}
        sender = {"x-forwarded-for": network(turn)}
        answer = visitor.post(places[turn // 2 % 2], {**fields, **said}, headers=sender)
        answers.add((answer.status_code, len(answer.headers["Location"]) - len(places[turn // 2 % 2]), answer.content))
    assert len(answers) == 1
    assert {folded(mail.mailbox) for mail in OutboxMessage.objects.all()} == {"ann@xn--bcher-kva.example"}
    assert OutboxMessage.objects.count() == table.MAILS_TO_UNCONFIRMED.most == 3
    assert FeedbackUnconfirmed.objects.count() == posts


def test_the_same_key_in_another_window_is_another_text(by_mail: FeedbackWindow, visitor: Client) -> None:
    """Of the same phase, whose keys open both; in the window that asks for a mail and in one that does not."""
    for slug, participation in (("other", Participation.MAIL), ("open", Participation.ANYBODY)):
        FeedbackWindow.objects.create(
            phase=by_mail.phase, proposal=by_mail.proposal, questions=by_mail.questions, slug=slug, title=slug,
            published_at=by_mail.published_at, participation=participation,
        )  # fmt: skip
    fields = filled(visitor, mailbox=MAILBOX)
    own = visitor.post(address(), fields).headers["Location"]
    for slug in ("other", "open"):
        answer = visitor.post(address().replace("responsibilities", slug), fields)
        assert answer.status_code == 409, slug
        assert own in answer.content.decode()
    assert OutboxMessage.objects.count() == FeedbackUnconfirmed.objects.count() == 1
    assert not FeedbackItem.objects.exists()
    # Had both come in the same moment, what stands would keep the key, and what waits would stay.
    key = read_form_key(fields["form_key"], by_mail.phase_id)
    FeedbackUnconfirmed.objects.update(form_key="elsewhere", token_hash="elsewhere")
    other = FeedbackWindow.objects.get(slug="open")
    services.submit(other.pk, form_key=key, language="en", visibility="public", name="", answers=[])
    FeedbackUnconfirmed.objects.update(form_key=key.nonce)
    with pytest.raises(services.OtherText):
        services.confirm(FeedbackUnconfirmed.objects.get().pk, at=app_now())
    assert visitor.post(link(), main_form(visitor, link())).status_code == 409
    assert FeedbackUnconfirmed.objects.exists()


def test_the_same_form_is_one_text_and_one_mail(by_mail: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor, mailbox=MAILBOX)
    own = visitor.post(address(), fields).headers["Location"]
    assert visitor.post(address(), fields).headers["Location"] == own
    assert OutboxMessage.objects.count() == FeedbackUnconfirmed.objects.count() == 1
    for other in ({text_question(fields): "Other words."}, {"mailbox": "bob@example.org"}):
        response = visitor.post(address(), {**fields, **other})
        assert response.status_code == 409
        assert WORDS in response.content.decode()
    assert OutboxMessage.objects.count() == FeedbackUnconfirmed.objects.count() == 1
    visitor.post(link(), main_form(visitor, link()))
    assert visitor.post(address(), fields).headers["Location"] == own
    assert FeedbackItem.objects.count() == 1


def test_what_looks_like_a_machines_is_held_once_it_is_confirmed(by_mail: FeedbackWindow, visitor: Client) -> None:
    send(visitor, **{HONEYPOT: "x"})
    visitor.post(link(), main_form(visitor, link()))
    item = FeedbackItem.objects.get()
    assert (item.state, item.suspicion, item.was_public) == ("held", "trap", False)


def test_what_was_sent_in_time_is_confirmed_after_the_close(
    by_mail: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    send(Client(enforce_csrf_checks=True))
    send(visitor)
    clock.set(CLOSES + timedelta(days=7, seconds=-5))
    visitor.post(link(), main_form(visitor, link()))
    item = FeedbackItem.objects.get()
    assert item.received_at < CLOSES
    assert not item.in_grace
    row = FeedbackUnconfirmed.objects.get()
    clock.set(CLOSES + timedelta(days=7, seconds=1))
    with pytest.raises(Refused):
        services.confirm(row.pk, at=app_now())
    call_command("sweep")
    assert not FeedbackUnconfirmed.objects.exists()
    assert FeedbackItem.objects.count() == 1


def test_after_that_the_page_says_so_and_shows_the_text(by_mail: FeedbackWindow, visitor: Client, clock: Clock) -> None:
    send(visitor)
    fields = main_form(visitor, link())
    clock.set(CLOSES + timedelta(days=7, seconds=1))
    response = visitor.post(link(), fields)
    assert response.status_code == 403
    assert "It is too late to confirm this text" in response.content.decode()
    assert WORDS in response.content.decode()
    assert not FeedbackItem.objects.exists()


def test_whoever_did_not_send_it_throws_it_away(by_mail: FeedbackWindow, visitor: Client) -> None:
    own = send(visitor)
    fields = {**main_form(visitor, link()), "act": "discard"}
    # One slip of a finger beside "Confirm" throws nothing away.
    again = visitor.post(link(), fields)
    assert (again.status_code, FeedbackUnconfirmed.objects.count()) == (200, 1)
    html = again.content.decode()
    assert "Please confirm that it is to be thrown away." in html
    assert WORDS in html
    assert 'value="confirm"' in html
    assert visitor.post(link(), {**fields, "confirm": "on"}).headers["Location"] == address()
    assert not FeedbackUnconfirmed.objects.exists()
    assert Client().get(own).status_code == 404
    assert Client().get(link()).status_code == 404


@pytest.mark.parametrize("typed", ["", "no address", "a@b\nbcc: c@example.org", "x" * 2000 + "@example.org"])
def test_without_a_usable_address_what_was_typed_stays(by_mail: FeedbackWindow, visitor: Client, typed: str) -> None:
    response = visitor.post(address(), filled(visitor, mailbox=typed))
    assert response.status_code == 200
    assert WORDS in response.content.decode()
    assert not FeedbackUnconfirmed.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_draft_keeps_no_address(by_mail: FeedbackWindow, visitor: Client) -> None:
    visitor.post(address(), filled(visitor, mailbox=MAILBOX, act="keep"))
    fields = main_form(visitor, address())
    assert fields[text_question(fields)] == WORDS
    assert fields["mailbox"] == ""


def test_no_other_way_leads_into_it(by_mail: FeedbackWindow) -> None:
    key = read_form_key(new_form_key(app_now(), by_mail.phase_id), by_mail.phase_id)
    with pytest.raises(Refused):
        services.submit(by_mail.pk, form_key=key, language="en", visibility="public", name="", answers=[])
    assert not FeedbackItem.objects.exists()


# --- several texts of one person, and what they can do before they confirm -------------------------------------------


def say(visitor: Client, *many: str, mailbox: str = MAILBOX) -> list[str]:
    """Say each of these; returns the addresses of their receipts."""
    found = []
    for words in many:
        fields = filled(visitor, mailbox=mailbox)
        found.append(visitor.post(address(), {**fields, text_question(fields): words}).headers["Location"])
    return found


FOUR = [f"About paragraph {name} there is this to say." for name in ("one", "two", "three", "four")]


@pytest.mark.parametrize("mail", [0, -1], ids=["the first mail", "the last mail"])
def test_one_mail_confirms_all_that_waits_from_the_same_browser(
    by_mail: FeedbackWindow, visitor: Client, mail: int
) -> None:
    """FAILS where the fourth text of a day waits for a mail that nobody ever gets; or where somebody else's text, sent
    with the same address from elsewhere, is confirmed without having been looked at."""
    say(visitor, *FOUR)
    say(Client(enforce_csrf_checks=True), "I only typed the address of somebody else.")
    mails = list(OutboxMessage.objects.order_by("pk"))
    assert len(mails) <= table.MAILS_TO_UNCONFIRMED.most
    ours = mails[:-1] if len(mails) > 2 else mails
    path = str(urlsplit(ours[mail].context["url"]).path)
    phone = Client(enforce_csrf_checks=True)
    html = phone.get(path).content.decode()
    assert all(words in html for words in FOUR)
    assert "I only typed" not in html
    assert phone.post(path, main_form(phone, path)).status_code == 303
    assert sorted(FeedbackAnswer.objects.values_list("text", flat=True)) == sorted(FOUR)
    assert FeedbackUnconfirmed.objects.count() == 1


def test_what_came_after_the_page_was_shown_is_not_confirmed_with_it(by_mail: FeedbackWindow, visitor: Client) -> None:
    say(visitor, *FOUR[:2])
    phone = Client(enforce_csrf_checks=True)
    fields = main_form(phone, link())
    say(visitor, FOUR[2])
    path = str(urlsplit(OutboxMessage.objects.earliest("pk").context["url"]).path)
    assert phone.post(path, fields).status_code == 303
    assert FeedbackItem.objects.count() == 2
    assert FeedbackUnconfirmed.objects.count() == 1


def test_without_saying_what_was_shown_only_the_one_of_the_link_is_confirmed(
    by_mail: FeedbackWindow, visitor: Client
) -> None:
    say(visitor, *FOUR[:2])
    fields = main_form(visitor, link())
    for typed in ("", "x", "-1", "9" * 400):
        assert visitor.post(link(), {**fields, "upto": typed}).status_code == 303
        assert FeedbackItem.objects.count() == 1
    assert FeedbackUnconfirmed.objects.count() == 1


def test_all_of_it_is_thrown_away_by_whoever_did_not_send_it(by_mail: FeedbackWindow, visitor: Client) -> None:
    say(visitor, *FOUR)
    say(Client(enforce_csrf_checks=True), "From elsewhere.")
    path = str(urlsplit(OutboxMessage.objects.earliest("pk").context["url"]).path)
    visitor.post(path, {**main_form(visitor, path), "act": "discard", "confirm": "on"})
    assert FeedbackUnconfirmed.objects.count() == 1
    assert not FeedbackItem.objects.exists()


def test_a_mailbox_that_was_just_confirmed_is_not_asked_again_in_the_same_browser(
    by_mail: FeedbackWindow, visitor: Client
) -> None:
    """FAILS where each later text of one person costs another mail, until there is none left; or where another
    browser, another mailbox or another person's account passes without one."""
    say(visitor, FOUR[0])
    # The link is followed on another device.
    phone = Client(enforce_csrf_checks=True)
    phone.post(link(), main_form(phone, link()))
    for own in say(visitor, *FOUR[1:]):
        html = visitor.get(own).content.decode()
        assert "follow the link in the mail" not in html
    assert FeedbackItem.objects.count() == 4
    assert set(FeedbackItem.objects.values_list("state", flat=True)) == {"published"}
    assert OutboxMessage.objects.count() == 1
    say(visitor, "By another address, this is.", mailbox="bob@example.org")
    say(Client(enforce_csrf_checks=True), "From another browser, this is.")
    assert FeedbackUnconfirmed.objects.count() == 2
    assert FeedbackItem.objects.count() == 4


def test_a_form_that_was_an_item_at_once_is_one_item(by_mail: FeedbackWindow, visitor: Client) -> None:
    say(visitor, FOUR[0])
    visitor.post(link(), main_form(visitor, link()))
    fields = filled(visitor, mailbox=MAILBOX)
    own = visitor.post(address(), fields).headers["Location"]
    assert visitor.post(address(), fields).headers["Location"] == own
    assert FeedbackItem.objects.count() == 2
    assert visitor.post(address(), {**fields, text_question(fields): "Other words."}).status_code == 409


def test_no_page_says_that_a_mail_is_on_its_way(by_mail: FeedbackWindow, visitor: Client) -> None:
    """FAILS where it says so and none is: of these none goes out any more, and all pages say the same."""
    shown = set()
    for turn in range(5):
        own = say(Client(enforce_csrf_checks=True), f"{WORDS} {turn}")[0]
        html = Client().get(own).content.decode()
        assert "on its way" not in html
        assert "unless it has had a few of these today" in html
        shown.add(html[html.index("<h1>") : html.index("<h2>")].count("<p"))
    assert OutboxMessage.objects.count() < 5
    assert len(shown) == 1


def test_what_waits_is_withdrawn_by_its_link_at_any_time(
    by_mail: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    """FAILS where somebody who has mistyped their address can do nothing about their text, also after the close."""
    own, kept = say(visitor, *FOUR[:2])
    mails = [str(urlsplit(one.context["url"]).path) for one in OutboxMessage.objects.order_by("pk")]
    assert f'href="{own}withdraw/"' in visitor.get(own).content.decode()
    assert visitor.get(f"{own}edit/").headers["Location"] == own
    clock.set(CLOSES + timedelta(days=2))
    fields = main_form(visitor, f"{own}withdraw/")
    assert FOUR[0] in visitor.post(f"{own}withdraw/", fields).content.decode()
    assert FeedbackUnconfirmed.objects.count() == 2
    assert visitor.post(f"{own}withdraw/", {**fields, "confirm": "on"}).headers["Location"] == address()
    for path in (own, f"{own}withdraw/", mails[0]):
        assert Client().get(path).status_code == 404
    # The other one is still there, and is confirmed by its own mail.
    assert Client().get(kept).status_code == 200
    if len(mails) > 1:
        visitor.post(mails[1], main_form(visitor, mails[1]))
        assert FeedbackItem.objects.count() == 1


def test_the_mail_says_what_its_link_does(by_mail: FeedbackWindow, visitor: Client) -> None:
    send(visitor)
    mail = OutboxMessage.objects.get()
    made = rendering.render(kinds.get(mail.kind), mail.context, mail.language)
    assert "works once" not in made.text
    assert "the link leads to your text" in made.text


# --- the mail, once more -------------------------------------------------------------------------------------------


def again(visitor: Client, own: str, mailbox: str, status: int = 303) -> str:
    """Have the mail sent again; returns the page that is shown then."""
    fields = {**main_form(visitor, f"{own}again/"), "mailbox": mailbox}
    response = visitor.post(f"{own}again/", fields)
    assert response.status_code == status, response.content.decode()
    return str((visitor.get(own) if status == 303 else response).content.decode())


def test_a_text_that_no_mail_went_for_gets_one_the_next_day(
    by_mail: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAILS where the fourth text of a day to one mailbox can never be confirmed."""
    for _ in range(table.MAILS_TO_UNCONFIRMED.most):
        mailboxes.admit(MAILBOX)
    own = send(visitor)
    assert not OutboxMessage.objects.exists()
    html = visitor.get(own).content.decode()
    assert f'href="{own}again/"' in html
    # The same day the same limit.
    told = again(visitor, own, MAILBOX)
    assert not OutboxMessage.objects.exists()
    later = real_now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr("taskforce.limits.mailboxes.real_now", lambda: later)
    monkeypatch.setattr("taskforce.limits.services.real_now", lambda: later)
    assert re.sub(r"\d\d:\d\d:\d\d", "", again(visitor, own, "A.nn+x@example.org")) == re.sub(
        r"\d\d:\d\d:\d\d", "", told
    )
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.mailbox) == ("feedback-confirm", "a.nn+x@example.org")
    assert visitor.post(link(), main_form(visitor, link())).headers["Location"] == own
    assert FeedbackItem.objects.count() == 1
    # Once it is confirmed nothing is sent any more.
    assert visitor.get(f"{own}again/").headers["Location"] == own


def test_no_address_but_its_own_gets_the_mail_and_nobody_is_told_which(
    by_mail: FeedbackWindow, visitor: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = send(visitor)
    pages = []
    for mailbox in ("bob@example.org", MAILBOX):
        OutboxMessage.objects.all().delete()
        pages.append(re.sub(r'value="\w{64}"', "", again(visitor, own, mailbox)))
        assert OutboxMessage.objects.exists() == (mailbox == MAILBOX)
    assert pages[0] == pages[1]
    assert "If your text was sent with this address" in pages[0]
    # Whoever tries many is told so by the same number, right or wrong.
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=0))
    for mailbox in ("bob@example.org", MAILBOX):
        assert f'value="{mailbox}"' in again(visitor, own, mailbox, status=429)
    assert "pt-error-summary" in again(visitor, own, "nobody", status=200)
    # Of what nobody can confirm any more no mail goes.
    clock.set(CLOSES + timedelta(days=8))
    assert "too late" in visitor.get(f"{own}again/").content.decode()
    assert visitor.post(f"{own}again/", {"mailbox": MAILBOX}).status_code == 403
    row = FeedbackUnconfirmed.objects.get()
    with pytest.raises(Refused):
        services.send_again(row.pk, MAILBOX, language="en", at=app_now(), sender=None)
    assert OutboxMessage.objects.count() == 1
    assert Client().get(f"{own[:-3]}xx/again/").status_code == 404
