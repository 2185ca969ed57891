"""From the form by the mail to following, choosing and leaving; what nobody learns; which link may do what."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, speak_as_account
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid
from taskforce.limits.models import Counter
from taskforce.notifications import kinds, leaving, preferences, rendering
from taskforce.notifications import services as outbox
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage, Suppression
from taskforce.notifications.occasions import OCCASIONS
from taskforce.portal import sweep
from taskforce.timeline import asking, bulletin_rules, queries, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import NOT_YET, Topic
from taskforce.timeline.models import Subscription, TaskForce
from tests.clients import Client
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
ANN = "ann@example.org"
FORM, SENT = "/en/subscriptions/leadership-development/", "/en/subscriptions/sent/leadership-development/"
OVERVIEW = "/en/subscriptions/"
FIELDS: dict[str, Any] = {
    "email": ANN,
    "topics": ["deadlines", "updates"],
    "frequency": "immediate",
    "language": "zh-hant",
    "zone": "Asia/Taipei",
}


def rows(mailbox: str = ANN) -> dict[str, tuple[str, str, str, bool]]:
    """{topic: (how soon, language, zone, confirmed)} of a mailbox."""
    return {
        row.topic: (row.frequency, row.language, row.zone, row.confirmed_at is not None)
        for row in Subscription.objects.filter(mailbox=mailbox)
    }


def path_in(message: OutboxMessage) -> str:
    """The address in a mail, without the portal's own origin."""
    return re.sub(r"^https?://[^/]+", "", message.context["url"])


def last_mail() -> OutboxMessage:
    return OutboxMessage.objects.latest("pk")


def ask_for(tf: TaskForce, *topics: str, **changes: Any) -> Ask:
    values = {"frequency": "immediate", "language": "en", "zone": "UTC", "mailbox": ANN, **changes}
    return Ask(task_force_id=tf.pk, topics=topics or ("deadlines",), **values)


def followed(tf: TaskForce, *topics: str, **options: Any) -> None:
    """A mailbox that follows topics already."""
    values: dict[str, Any] = {"mailbox": ANN, "language": "en", "at": app_now(), **options}
    services.follow(tf, topics=list(topics), **values)


# --- the whole way -------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_from_the_form_by_the_mail_to_choosing_and_leaving(client: Client, tf: TaskForce) -> None:
    """Without a script and without an account."""
    assert f'href="{FORM}"' in client.get("/en/tf/leadership-development/").content.decode()
    assert f'href="{FORM}"' in client.get("/en/").content.decode()
    assert client.get(FORM).status_code == 200
    answer = client.post(FORM, FIELDS)
    assert (answer.status_code, answer.headers["Location"]) == (303, SENT)
    assert client.get(SENT).status_code == 200
    assert {topic: row[3] for topic, row in rows().items()} == {"deadlines": False, "updates": False}
    assert list(queries.subscribers(tf.pk, Topic.DEADLINES)) == []

    mail = last_mail()
    assert (mail.kind, mail.mailbox, mail.language, mail.zone) == (
        "subscription-confirm",
        ANN,
        "zh-hant",
        "Asia/Taipei",
    )
    link = path_in(mail)
    assert link.startswith("/zh-hant/subscriptions/confirm/")
    for _ in range(3):
        assert client.get(link).status_code == client.head(link).status_code == 200
    assert not any(confirmed for *_, confirmed in rows().values())
    own = preferences.address(ANN, "en").partition("//")[2].partition("/")[2]
    choices = f'href="/{own.replace("en/", "zh-hant/", 1)}"'
    assert choices not in client.get(link).content.decode()
    assert client.post(link).status_code == 303
    assert choices in client.get(link).content.decode(), "from here one can choose anew"
    assert rows() == dict.fromkeys(("deadlines", "updates"), ("immediate", "zh-hant", "Asia/Taipei", True))
    assert list(queries.subscribers(tf.pk, Topic.DEADLINES)) == [[(ANN, "zh-hant", "Asia/Taipei")]]

    page = client.get(f"/{own}").content.decode()
    assert ANN not in page
    assert "a***@example.org" in page
    changed = {
        f"t{tf.pk}-deadlines": "daily",
        f"t{tf.pk}-announcements": "immediate",
        f"t{tf.pk}-updates": "",
        f"t{tf.pk}-answers": "",
        "language": "ar",
        "zone": "Africa/Cairo",
    }
    assert client.post(f"/{own}", changed).status_code == 303
    assert rows() == {
        "deadlines": ("daily", "ar", "Africa/Cairo", True),
        "announcements": ("immediate", "ar", "Africa/Cairo", True),
    }
    assert list(queries.subscribers(tf.pk, Topic.DEADLINES)) == []
    assert queries.followers_count(tf.pk, Topic.DEADLINES) == 1

    page_of_leaving = client.get(f"/unsubscribe/{leaving.token(Leave(ANN, tf.pk, ''))}/").headers["Location"]
    assert page_of_leaving.startswith("/ar/subscriptions/leave/")
    asked = client.get(page_of_leaving)
    assert asked.status_code == 200
    assert f'href="/ar/tf/{tf.slug}/"' in asked.content.decode().partition("<form")[2]
    assert len(rows()) == 2
    assert client.post(page_of_leaving).status_code == 303
    assert rows() == {}
    assert FORM.replace("/en/", "/ar/") in client.get(page_of_leaving).content.decode()
    actions = Entry.objects.filter(action__startswith="subscription.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        f"subscription.{action}"
        for action in ("asked", "confirmed", "confirmed", "changed", "confirmed", "left", "left", "left")
    ]
    assert ANN not in str(list(Entry.objects.values_list("details", "reason")))


def test_the_mail_to_a_stranger_says_nothing_that_anybody_typed(client: Client, tf: TaskForce) -> None:
    client.post(FORM, {**FIELDS, "name": "evil.test", "second_remark": "", "zone": "Etc/GMT+12"})
    mail = last_mail()
    assert set(mail.context) == {"task_force", "topics", "how_soon", "days", "url"}
    rendered = rendering.render(kinds.get(mail.kind), mail.context, mail.language, mail.zone)
    assert mail.context["url"] in rendered.text
    assert "evil" not in "".join(rendered)
    assert ANN not in "".join(rendered).replace(mail.context["url"], "")
    assert mail.mail_class == MailClass.TRANSACTIONAL
    assert mail.valid_until == mail.created_at + asking.WORKS_FOR


# --- nobody learns who follows -------------------------------------------------------------------------------------


def shown(answer: Any) -> tuple[Any, ...]:
    """All that an onlooker sees of an answer."""
    page = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status_code, headers, sorted(answer.cookies), page


def test_the_answer_is_the_same_whatever_is_known_of_the_address(tf: TaskForce) -> None:
    followed(tf, "deadlines", "updates", mailbox="follows@example.org")
    services.ask_to_follow(ask_for(tf, mailbox="waits@example.org"), sender=None, at=app_now())
    Suppression.objects.create(mailbox="refuses@example.org", at=app_now())
    for _ in range(3):
        services.ask_to_follow(ask_for(tf, mailbox="often@example.org"), sender=None, at=app_now())
    seen = []
    for name in ("new", "follows", "waits", "refuses", "often"):
        client = Client()
        posted = client.post(FORM, {**FIELDS, "email": f"{name}@example.org"})
        seen.append((shown(posted), shown(client.get(SENT))))
    assert seen.count(seen[0]) == len(seen)
    sent_to = [(mail.mailbox, mail.kind) for mail in OutboxMessage.objects.order_by("pk")][4:]
    assert sent_to == [
        ("new@example.org", "subscription-confirm"),
        ("follows@example.org", "subscription-known"),
        ("waits@example.org", "subscription-confirm"),
        ("refuses@example.org", "subscription-confirm"),
    ]


def test_who_follows_already_is_told_where_the_choices_are(client: Client, tf: TaskForce) -> None:
    followed(tf, "deadlines", "updates", language="fr")
    client.post(FORM, FIELDS)
    mail = last_mail()
    assert mail.kind == "subscription-known"
    assert client.get(path_in(mail)).status_code == 200
    # Nothing that a stranger chose has become so.
    assert rows() == dict.fromkeys(("deadlines", "updates"), ("immediate", "fr", "UTC", True))


def test_a_machine_that_fills_in_every_field_gets_the_same_answer_and_no_mail(client: Client, tf: TaskForce) -> None:
    answer = client.post(FORM, {**FIELDS, "second_remark": "x"})
    assert answer.headers["Location"] == SENT
    assert not OutboxMessage.objects.exists()
    assert rows() == {}


# --- confirming ----------------------------------------------------------------------------------------------------


def test_confirming_twice_changes_nothing_and_says_so(client: Client, tf: TaskForce) -> None:
    client.post(FORM, FIELDS)
    link = path_in(last_mail()).replace("/zh-hant/", "/en/")
    assert "Thank you" in client.post(link, follow=True).content.decode()
    before = list(Subscription.objects.values())
    assert "confirmed before" in client.post(link, follow=True).content.decode()
    assert list(Subscription.objects.values()) == before
    assert Entry.objects.filter(action="subscription.confirmed").count() == 2


def test_an_old_confirmation_brings_nothing_back_that_was_left(client: Client, tf: TaskForce) -> None:
    client.post(FORM, FIELDS)
    link = path_in(last_mail()).replace("/zh-hant/", "/en/")
    client.post(link)
    services.leave(Leave(ANN, None, ""), at=app_now())
    client.post(link)
    assert rows() == {}
    page = client.get(link).content.decode()
    assert "You have stopped these mails" in page
    assert FORM in page
    assert "/subscriptions/manage/" not in page


def test_after_a_week_the_link_says_that_it_is_too_old(
    client: Client, tf: TaskForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(FORM, FIELDS)
    link = path_in(last_mail()).replace("/zh-hant/", "/en/")
    week = asking.WORKS_FOR.total_seconds()
    real = time.time
    monkeypatch.setattr("django.core.signing.time.time", lambda: real() + week - 5)
    assert "Yes, follow" in client.get(link).content.decode()
    monkeypatch.setattr("django.core.signing.time.time", lambda: real() + week + 5)
    assert "too old" in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    assert not any(confirmed for *_, confirmed in rows().values())


def test_a_link_whose_question_was_forgotten_is_too_old_and_nobody_has_stopped_anything(
    client: Client, tf: TaskForce
) -> None:
    client.post(FORM, FIELDS)
    link = path_in(last_mail()).replace("/zh-hant/", "/en/")
    assert services.forget_unanswered(app_now() + asking.WORKS_FOR + timedelta(seconds=1))
    page = client.get(link).content.decode()
    assert "too old" in page
    assert "You have stopped these mails" not in page
    client.post(link)
    assert rows() == {}


def test_a_confirmation_is_for_what_it_names_and_for_the_whole_mailboxs_language(tf: TaskForce) -> None:
    followed(tf, "announcements", language="fr", frequency="daily")
    ask = ask_for(tf, "deadlines", language="ar", zone="Africa/Cairo")
    services.ask_to_follow(ask, sender=None, at=app_now())
    services.ask_to_follow(ask_for(tf, "updates"), sender=None, at=app_now())
    assert services.confirm(ask, at=app_now()) is services.Confirmed.NOW
    assert rows() == {
        "announcements": ("daily", "ar", "Africa/Cairo", True),
        "deadlines": ("immediate", "ar", "Africa/Cairo", True),
        "updates": ("immediate", "en", "UTC", False),
    }


# --- which link may do what ----------------------------------------------------------------------------------------


def tokens(tf: TaskForce) -> dict[str, str]:
    return {
        "confirm": asking.token(ask_for(tf)),
        "manage": preferences.token(ANN),
        "leave": leaving.token(Leave(ANN, tf.pk, "deadlines")),
    }


PAGES = ("confirm", "manage", "leave", "unsubscribe")


def place_of(page: str, token: str) -> str:
    return f"/unsubscribe/{token}/" if page == "unsubscribe" else f"/en/subscriptions/{page}/{token}/"


def test_a_damaged_link_leads_to_what_else_there_is(client: Client, tf: TaskForce) -> None:
    whole = leaving.token(Leave(ANN, tf.pk, ""))
    for address in ("/unsubscribe/{}/", "/en/subscriptions/leave/{}/", "/en/subscriptions/manage/{}/"):
        answer = client.get(address.format(whole[:-3]))
        assert answer.status_code == 404
        assert 'href="/en/subscriptions/"' in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
    assert client.post(f"/unsubscribe/{whole[:-3]}/").status_code == 404


def test_no_link_does_what_another_is_for(client: Client, tf: TaskForce) -> None:
    followed(tf, "deadlines", "updates")
    services.ask_to_follow(ask_for(tf, "announcements"), sender=None, at=app_now())
    made, found = tokens(tf), {}
    before = list(Subscription.objects.order_by("pk").values())
    for page in PAGES:
        own = made["leave" if page == "unsubscribe" else page]
        forged = {"damaged": own[:-2], "long": "a" * 2000, "unsigned": "WyJhbm5AZXhhbXBsZS5vcmciXQ"}
        for kind, token in {**made, **forged, "bytes": "%ff%fe:%00"}.items():
            if token == own:
                continue
            address = place_of(page, token)
            answers = (client.get(address), client.post(address, {"language": "en", "zone": "UTC"}))
            is_same = list(Subscription.objects.order_by("pk").values()) == before
            found[page, kind] = (*(answer.status_code in (400, 404) for answer in answers), is_same)
    assert len(found) == 4 * 6
    assert {where: what for where, what in found.items() if what != (True, True, True)} == {}


def test_each_link_opens_its_own_page(client: Client, tf: TaskForce) -> None:
    """The twin."""
    followed(tf, "deadlines", "updates")
    services.ask_to_follow(ask_for(tf, "announcements"), sender=None, at=app_now())
    made = tokens(tf)
    found = {page: client.get(place_of(page, made.get(page, made["leave"]))).status_code for page in PAGES}
    assert found == {"confirm": 200, "manage": 200, "leave": 200, "unsubscribe": 302}


# --- leaving by one click ------------------------------------------------------------------------------------------


def one_click(what: Leave, **headers: str) -> Any:
    """What a mail program posts: no cookie, no token against forgery."""
    return Client(enforce_csrf_checks=True).post(
        f"/unsubscribe/{leaving.token(what)}/", {"List-Unsubscribe": "One-Click"}, headers=headers or None
    )


@pytest.mark.parametrize("multipart", [True, False])
def test_one_click_leaves_without_cookie_redirect_or_csrf(tf: TaskForce, *, multipart: bool) -> None:
    followed(tf, "deadlines", "updates", language="ar")
    address = f"/unsubscribe/{leaving.token(Leave(ANN, tf.pk, 'deadlines'))}/"
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = (
            client.post(address, {"List-Unsubscribe": "One-Click"})
            if multipart
            else client.post(address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        )
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert set(rows()) == {"updates"}
    assert answer.headers["Content-Language"] == "ar"


def test_reading_the_address_of_leaving_changes_nothing(client: Client, tf: TaskForce) -> None:
    followed(tf, "deadlines", language="zh-hant")
    address = f"/unsubscribe/{leaving.token(Leave(ANN, tf.pk, ''))}/"
    for answer in (client.get(address), client.head(address), client.get(address)):
        assert (answer.status_code, dict(answer.cookies)) == (302, {})
        assert answer.headers["Location"].startswith("/zh-hant/subscriptions/leave/")
    assert len(rows()) == 1
    gone = f"/unsubscribe/{leaving.token(Leave('nobody@example.org', tf.pk, ''))}/"
    assert client.get(gone, headers={"accept-language": "fr"}).headers["Location"].startswith("/fr/")
    assert client.put(address).status_code == 405


@pytest.mark.parametrize(
    ("task_force", "topic", "left"),
    [
        (True, "deadlines", {"deadlines"}),
        (True, "", {"deadlines", "updates"}),
        (False, "", {"deadlines", "updates"}),
        (False, "digest", {"updates"}),
        (True, "answers", set()),
    ],
)
def test_what_a_link_of_leaving_ends(tf: TaskForce, task_force: bool, topic: str, left: set[str]) -> None:
    followed(tf, "deadlines")
    followed(tf, "updates", frequency="daily")
    followed(tf, "deadlines", "updates", mailbox="bob@example.org")
    what = Leave(ANN.upper(), tf.pk if task_force else None, topic)
    for _ in range(2):
        assert one_click(what).status_code == 200
    assert {"deadlines", "updates"} - set(rows()) == left
    assert len(rows("bob@example.org")) == 2


def test_leaving_works_while_suppressed_and_takes_back_what_is_queued(tf: TaskForce) -> None:
    followed(tf, "deadlines", "updates")
    Suppression.objects.create(mailbox=ANN, at=app_now())
    for topic in ("deadlines", "updates"):
        outbox.enqueue(
            "phase-extended",
            key=topic,
            mailbox=ANN,
            language="en",
            context={},
            at=app_now(),
            task_force_id=tf.pk,
            topic=topic,
        )
    services.ask_to_follow(ask_for(tf, "answers"), sender=None, at=app_now())
    one_click(Leave(ANN, tf.pk, "deadlines"))
    states = dict(OutboxMessage.objects.values_list("key", "state"))
    assert (states["deadlines"], states["updates"]) == (MessageState.SUPERSEDED, MessageState.QUEUED)
    one_click(Leave(ANN, None, ""))
    assert rows() == {}
    # The question that somebody asked for is no announcement; its link brings nothing back.
    assert last_mail().state == MessageState.QUEUED


# --- choosing ------------------------------------------------------------------------------------------------------


def test_what_is_left_by_choosing_takes_its_queued_mails_with_it(tf: TaskForce) -> None:
    followed(tf, "deadlines", "updates")
    for topic in ("deadlines", "updates"):
        outbox.enqueue(
            "phase-extended",
            key=topic,
            mailbox=ANN,
            language="en",
            context={},
            at=app_now(),
            task_force_id=tf.pk,
            topic=topic,
        )
    services.choose(ANN, {(tf.pk, "updates"): ""}, language="en", zone="UTC", at=app_now())
    assert set(rows()) == {"deadlines"}
    assert dict(OutboxMessage.objects.values_list("key", "state")) == {
        "deadlines": MessageState.QUEUED,
        "updates": MessageState.SUPERSEDED,
    }


def test_the_link_opens_nothing_of_a_task_force_that_is_not_followed(tf: TaskForce) -> None:
    followed(tf, "deadlines")
    other = services.create_task_force("other", {"en": "Other"}, at=app_now())
    services.choose(ANN, {(other.pk, "updates"): "daily"}, language="en", zone="UTC", at=app_now())
    assert Subscription.objects.filter(task_force=other).count() == 0


NONE_OF_THESE = [
    {"frequency": "hourly"},
    {"language": "tlh"},
    {"zone": "Mars/Base"},
    {"zone": "AoE"},
    {"zone": "../etc"},
]


def test_choices_that_there_are_not_are_refused_everywhere(client: Client, tf: TaskForce) -> None:
    found = {}
    for changes in NONE_OF_THESE:
        with pytest.raises(Invalid):
            services.ask_to_follow(ask_for(tf, **changes), sender=None, at=app_now())
        answer = client.post(FORM, {**FIELDS, **changes})
        page = answer.content.decode()
        found[str(changes)] = (answer.status_code, 'aria-invalid="true"' in page, ANN in page)
    assert {changes: what for changes, what in found.items() if what != (200, True, True)} == {}


NO_ADDRESSES = [
    "", "ann", "a@[127.0.0.1]", "a@localhost", '"x" <a@b.example>', '"a b"@b.example', "a@b.example,c@d.example",
    "a@b.example\r\nBcc: c@d.example", f"{'a' * 300}@b.example", "ann@-b.example",
]  # fmt: skip


@pytest.mark.long
def test_an_address_that_is_none_is_told_at_its_field(client: Client, tf: TaskForce) -> None:
    found = {}
    for typed in NO_ADDRESSES:
        answer = client.post(FORM, {**FIELDS, "email": typed})
        page = answer.content.decode()
        is_said = 'id="id_email_error"' in page and 'href="#id_email"' in page
        is_kept = bool(re.search(r'value="updates"[^>]*checked', page))
        found[typed] = (answer.status_code, is_said, is_kept, OutboxMessage.objects.count())
    assert {typed: what for typed, what in found.items() if what != (200, True, True, 0)} == {}


def test_hostile_bytes_are_never_our_fault(client: Client, tf: TaskForce) -> None:
    client.raise_request_exception = False
    bodies = ("email=%ff", "email=%00", "topics=" + "x" * 100_000, "zone=" + "%F0%9F%92%A9" * 50)
    found = {
        (path, body[:12]): client.post(path, body, content_type="application/x-www-form-urlencoded").status_code
        for path in (FORM, OVERVIEW, "/en/subscriptions/nobody/", "/en/subscriptions/sent/nobody/")
        for body in bodies
    }
    assert {sent: status for sent, status in found.items() if status >= 500} == {}


# --- with an account -----------------------------------------------------------------------------------------------


def test_with_an_account_one_follows_at_once(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    member = people["member"]
    client.force_login(member)
    page = client.get(FORM)
    assert member.email in page.content.decode()
    assert 'name="email"' not in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-store"
    answer = client.post(FORM, {**FIELDS, "email": "bob@example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (303, OVERVIEW)
    assert not OutboxMessage.objects.exists()
    assert set(Subscription.objects.values_list("mailbox", "user_id", "source")) == {
        (member.email, member.pk, "account")
    }
    assert client.get(FORM).status_code == 302
    assert member.email in client.get(OVERVIEW).content.decode()
    fields = {"mailbox": member.email, f"t{tf.pk}-updates": "", "language": "en", "zone": "UTC"}
    assert client.post(OVERVIEW, fields).status_code == 303
    assert set(rows(member.email)) == {"deadlines"}
    assert Entry.objects.filter(action="subscription.left").get().actor_id == member.pk
    assert client.post(OVERVIEW, {**fields, "mailbox": ANN}).status_code == 400


def chosen(page: str, name: str) -> str:
    """The option of a list that is chosen."""
    field = page[page.index(f'<select name="{name}"') :].partition("</select>")[0]
    return str(re.findall(r'value="([^"]*)"[^>]*selected', field)[0])


def test_mails_come_in_the_language_of_the_account_and_a_visitors_form_begins_with_the_pages(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    User.objects.filter(pk=people["member"].pk).update(language="hi", zone="Asia/Kolkata")
    page = FORM.replace("/en/", "/zh-hant/")
    assert chosen(client.get(page).content.decode(), "language") == "zh-hant"
    client.force_login(people["member"])
    assert "हिन्दी" in client.get(page).content.decode()
    client.post(page, {"topics": ["deadlines"]})
    assert {row[1:3] for row in rows(people["member"].email).values()} == {("hi", "Asia/Kolkata")}


def test_of_what_nothing_comes_yet_the_forms_say_so(client: Client, tf: TaskForce) -> None:
    followed(tf, "deadlines")
    for address in (FORM, f"/en/subscriptions/manage/{preferences.token(ANN)}/"):
        page = client.get(address).content.decode()
        assert page.count("none yet") == len(NOT_YET)
        assert "Answers to my feedback" in page


def test_nothing_is_sent_to_what_the_forms_call_not_yet() -> None:
    """Whoever makes the first mail of such a topic takes it out of `NOT_YET`."""
    sent_to = {occasion.topic for occasion in OCCASIONS.values()} | {str(topic) for topic in bulletin_rules.TOPICS}
    assert not NOT_YET & sent_to
    assert set(Topic) - NOT_YET <= sent_to


def test_an_account_with_an_address_of_no_use_is_asked_like_a_visitor(client: Client, tf: TaskForce) -> None:
    client.force_login(create_account('"a b"@example.org', at=app_now()))
    assert 'name="email"' in client.get(FORM).content.decode()
    assert client.get(OVERVIEW).status_code == 200


def test_the_page_of_a_mailbox_that_follows_nothing_leads_on(client: Client, tf: TaskForce) -> None:
    own = f"/en/subscriptions/manage/{preferences.token('nobody@example.org')}/"
    page = client.get(own)
    assert page.status_code == 200
    assert FORM in page.content.decode()
    assert client.post(own, {"language": "en"}).status_code == 303
    assert not Subscription.objects.exists()


@pytest.mark.long
def test_pages_cost_the_same_for_two_task_forces_and_for_twelve(
    client: Client, tf: TaskForce, django_assert_max_num_queries: Any
) -> None:
    followed(tf, *Topic.values)
    own = f"/en/subscriptions/manage/{preferences.token(ANN)}/"
    client.get(own)
    counted = []
    for size in (2, 12):
        for number in range(Subscription.objects.values("task_force").distinct().count(), size):
            made = services.create_task_force(f"tf-{number}", {"en": f"Number {number}"}, at=app_now())
            followed(made, "deadlines")
        with django_assert_max_num_queries(8) as taken:
            assert client.get(own).content.decode().count("<fieldset") == size + 1
        counted.append(len(taken))
    assert counted[0] == counted[1]


# --- limits --------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_one_sender_is_stopped_with_the_time_to_wait(client: Client, tf: TaskForce) -> None:
    answers = [client.post(FORM, {**FIELDS, "email": f"a{number}@example.org"}) for number in range(31)]
    assert [answer.status_code for answer in answers] == [303] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 600
    assert "a30@example.org" in answers[-1].content.decode()
    assert OutboxMessage.objects.count() == 30


def test_a_mailbox_gets_three_mails_in_24_hours_over_all_forms(
    tf: TaskForce,
) -> None:
    spellings = ["Bob@example.org", "b.o.b@example.org", "bob+x@example.org", "bob@EXAMPLE.org"]
    passwords = {"password1": "a long enough secret", "password2": "a long enough secret"}
    Client(REMOTE_ADDR="198.51.100.1").post(FORM, {**FIELDS, "email": spellings[0]})
    Client(REMOTE_ADDR="198.51.100.2").post("/en/accounts/login/code/", {"email": spellings[1]})
    Client(REMOTE_ADDR="198.51.100.3").post("/en/accounts/signup/", {"email": spellings[2], **passwords})
    assert OutboxMessage.objects.count() == 3
    Client(REMOTE_ADDR="198.51.100.4").post("/en/accounts/password/reset/", {"email": spellings[3]})
    Client(REMOTE_ADDR="198.51.100.5").post(FORM, {**FIELDS, "email": spellings[0]})
    assert OutboxMessage.objects.count() == 3
    counter = Counter.objects.get(what="unconfirmed-mail")
    counter.hits[0] -= timedelta(hours=24, seconds=1)
    counter.save()
    Client(REMOTE_ADDR="198.51.100.6").post(FORM, {**FIELDS, "email": spellings[0]})
    Client(REMOTE_ADDR="198.51.100.7").post(FORM, {**FIELDS, "email": spellings[0]})
    assert OutboxMessage.objects.count() == 4


def test_a_person_with_an_account_still_gets_their_codes(tf: TaskForce, people: dict[str, User]) -> None:
    email = people["member"].email
    for _ in range(4):
        services.ask_to_follow(ask_for(tf, mailbox=email), sender=None, at=app_now())
    Client().post("/en/accounts/login/code/", {"email": email})
    assert last_mail().kind == "account-login-code"


def test_what_nobody_confirmed_is_forgotten_when_its_link_works_no_more(tf: TaskForce) -> None:
    at = app_now()
    services.follow(tf, mailbox="bob@example.org", topics=["updates"], language="en", at=at)
    services.ask_to_follow(Ask(ANN, tf.pk, ("updates",), "immediate", "en", "UTC"), sender=None, at=at)
    entries = Entry.objects.count()
    assert services.forget_unanswered(at + asking.WORKS_FOR) == 0
    assert services.forget_unanswered(at + asking.WORKS_FOR + timedelta(seconds=1)) == 1
    assert list(Subscription.objects.values_list("mailbox", flat=True)) == ["bob@example.org"]
    assert Entry.objects.count() == entries


def test_who_asks_again_has_the_whole_week_again(tf: TaskForce, clock: Clock) -> None:
    at = app_now()
    ask = Ask(ANN, tf.pk, ("updates",), "immediate", "en", "UTC")
    for day in (0, 6):
        services.ask_to_follow(ask, sender=None, at=at + timedelta(days=day))
    clock.set(at + timedelta(days=8))
    assert sweep.run()["unanswered questions forgotten"] == 0
    clock.set(at + timedelta(days=14))
    assert sweep.run()["unanswered questions forgotten"] == 1


# --- one language and one zone for a person -----------------------------------------------------------------------


def spoken(mailbox: str) -> set[tuple[str, str]]:
    """The languages and zones of what a mailbox gets."""
    return {row[1:3] for row in rows(mailbox).values()}


def test_what_the_account_page_says_holds_for_what_one_follows(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    member = people["member"]
    followed(tf, "deadlines", "updates", mailbox=member.email)
    followed(tf, "deadlines")
    client.force_login(member)
    client.post("/en/accounts/profile/", {"name": "", "language": "hi", "zone": "Asia/Kolkata"})
    assert spoken(member.email) == {("hi", "Asia/Kolkata")}
    assert ("hi", "Asia/Kolkata") not in spoken(ANN)


def test_whoever_is_signed_in_is_not_asked_again(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    """Nor by the link of a mail to their own address; others are, by theirs. What a script sends there is not taken."""
    member = people["member"]
    User.objects.filter(pk=member.pk).update(language="hi", zone="Asia/Kolkata")
    followed(tf, "deadlines", mailbox=member.email)
    followed(tf, "deadlines")
    client.force_login(member)
    for address in (OVERVIEW, f"/en/subscriptions/manage/{preferences.token(member.email)}/"):
        page = client.get(address).content.decode()
        assert 'name="zone"' not in page
        assert "हिन्दी" in page
        assert "/en/accounts/email/#profile" in page
    assert 'name="zone"' in client.get(f"/en/subscriptions/manage/{preferences.token(ANN)}/").content.decode()
    client.post(OVERVIEW, {"mailbox": member.email, "language": "de", "zone": "Europe/Berlin"})
    assert spoken(member.email) == {("hi", "Asia/Kolkata")}


def test_an_address_that_is_confirmed_speaks_as_its_account(tf: TaskForce, people: dict[str, User]) -> None:
    member = people["member"]
    User.objects.filter(pk=member.pk).update(language="hi", zone="Asia/Kolkata")
    followed(tf, "deadlines")
    speak_as_account(ANN)
    assert ("hi", "Asia/Kolkata") not in spoken(ANN)
    EmailAddress.objects.create(user=member, email=ANN, verified=True)
    speak_as_account(ANN)
    assert spoken(ANN) == {("hi", "Asia/Kolkata")}
