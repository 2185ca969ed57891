"""The account page: who one is, what mails one gets and in which language, addresses, ways in, other browsers."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from proposals import services as texts
from proposals.enums import ProposalState
from proposals.models import Proposal
from taskforce.accounts import fresh, services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid
from taskforce.timeline import services as timeline
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency, Topic
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import following
from tests.clients import Client, note_sign_in

pytestmark = pytest.mark.django_db
ACCOUNT, PROFILE, SESSIONS = (f"/en/accounts/{end}/" for end in ("email", "profile", "sessions"))


@pytest.fixture
def ann() -> User:
    """Somebody with an account."""
    return create_account("ann@example.org", at=app_now(), name="Ann", language="zh-hant")


@pytest.fixture
def browser(client: Client, ann: User) -> Client:
    """Her browser."""
    client.force_login(ann)
    return client


def page(client: Client) -> str:
    """The account page from its heading on."""
    answer = client.get(ACCOUNT)
    assert answer.status_code == 200
    return answer.content.decode().partition("<h1>")[2].partition("</main>")[0]


def actions(html: str) -> list[str]:
    """What can be done with addresses, in the order of the page."""
    return re.findall(r'name="(action_\w+)"', html)


# --- name, language, zone ------------------------------------------------------------------------------------------


def test_every_language_is_offered_by_its_own_name(browser: Client) -> None:
    html = page(browser)
    offered = re.findall(r'<option value="([^"]+)"( selected)? lang="([^"]+)">([^<]+)<', html)
    assert [(code, own) for code, _, _, own in offered] == list(languages.OWN_NAMES.items())
    assert [(code, lang) for code, chosen, lang, _ in offered if chosen] == [("zh-hant", "zh-Hant")]
    assert f'action="{PROFILE}"' in html


def test_zones_are_offered_by_their_places(browser: Client, ann: User) -> None:
    offered = dict(re.findall(r'<option value="(UTC|\w+/[^"]+)"(?: selected)?>([^<]+)<', page(browser)))
    assert len(offered) > 300
    assert (offered["UTC"], offered["Asia/Taipei"]) == ("UTC", "Taiwan Time (UTC+08:00)")
    # One that a browser may know, and that is set, although it stands in no list.
    User.objects.update(zone="Asia/Calcutta")
    assert '<option value="Asia/Calcutta" selected>' in page(browser)


def test_all_of_it_is_saved_told_and_on_record(browser: Client, ann: User) -> None:
    answer = browser.post(PROFILE, {"name": " An\u202ena  B. ", "language": "ar", "zone": "Africa/Cairo"})
    assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    ann.refresh_from_db()
    assert (ann.name, ann.language, ann.zone) == ("Anna B.", "ar", "Africa/Cairo")
    written = {entry.action: entry for entry in Entry.objects.filter(target_id=ann.pk, actor_id=ann.pk)}
    # What somebody is called belongs to them and not to the log.
    assert {action: entry.details for action, entry in written.items()} == {
        "account.name": {},
        "account.language": {"before": "zh-hant", "after": "ar"},
        "account.zone": {"before": "UTC", "after": "Africa/Cairo"},
    }
    assert "Your choices are saved." in browser.get(ACCOUNT).content.decode()
    html = page(browser)
    assert '<option value="ar" selected' in html
    assert '<option value="Africa/Cairo" selected' in html
    assert 'value="Anna B."' in html


def test_what_is_the_same_or_not_sent_stays(browser: Client, ann: User) -> None:
    forms: list[dict[str, str]] = [{}, {"language": "zh-hant"}, {"language": "", "zone": ""}, {"name": "Ann"}]
    for sent in forms:
        assert browser.post(PROFILE, sent).status_code == 303, sent
        ann.refresh_from_db()
        assert (ann.name, ann.language, ann.zone) == ("Ann", "zh-hant", "UTC"), sent
        assert not Entry.objects.exclude(action="account.created").exists(), sent


def test_a_name_may_go(browser: Client, ann: User) -> None:
    browser.post(PROFILE, {"name": "\u200b"})
    ann.refresh_from_db()
    assert ann.name == ""
    assert f"<bdi>{ann.email}</bdi>" in page(browser)


WRONG = [
    ("language", "xx"),
    ("language", "EN"),
    ("zone", "AoE"),
    ("zone", "Mars/Base"),
    ("zone", "../etc/passwd"),
    ("zone", "posix/UTC"),
    ("zone", "x" * 500),
    ("name", "x" * 121),
]


@pytest.mark.long
def test_what_cannot_be_stands_at_its_field_and_nothing_is_lost(browser: Client, ann: User) -> None:
    found = {}
    for field, value in WRONG:
        sent = {"name": "Anna", "language": "ar", "zone": "Africa/Cairo", field: value}
        answer = browser.post(PROFILE, sent)
        html = answer.content.decode()
        is_said = f'id="id_{field}_error"' in html and f'href="#id_{field}"' in html
        (form,) = re.findall(r"<form\b[^>]*\bdata-main\b[^>]*>", html)
        lost = [
            kept
            for kept in {"name", "language", "zone"} - {field}
            if f'value="{sent[kept]}"' not in html.partition(f'name="{kept}"')[2]
        ]
        ann.refresh_from_db()
        stored = (ann.name, ann.language, ann.zone)
        what = (answer.status_code, is_said, f'action="{PROFILE}"' in form, lost, stored)
        if what != (200, True, True, [], ("Ann", "zh-hant", "UTC")):
            found[field, value] = what
    assert found == {}


def test_bytes_that_nothing_can_store_are_refused(browser: Client) -> None:
    assert browser.post(PROFILE, {"language": "a\x00"}).status_code == 400


@pytest.mark.parametrize("changed", [{"language": "xx"}, {"zone": "AoE"}, {"zone": "localtime"}, {"name": "x" * 121}])
def test_the_service_refuses_it_too_and_does_nothing(ann: User, changed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        services.set_profile(
            ann.pk, **{"name": "Anna", "language": "ar", "zone": "Africa/Cairo", **changed}, at=app_now()
        )
    ann.refresh_from_db()
    assert (ann.name, ann.language, ann.zone) == ("Ann", "zh-hant", "UTC")


def test_the_language_leads_where_an_address_has_none(browser: Client) -> None:
    browser.post(PROFILE, {"language": "ar"})
    assert browser.get("/", headers={"accept-language": "fr"}).headers["Location"] == "/ar/"


# --- every form of the page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [PROFILE, SESSIONS])
def test_without_a_sign_in_it_leads_to_one_and_then_to_the_account(client: Client, ann: User, address: str) -> None:
    for answer in (client.get(address), client.post(address, {"language": "ar"})):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/accounts/login/?next={ACCOUNT}")
    ann.refresh_from_db()
    assert (ann.language, ann.sign_outs) == ("zh-hant", 0)


@pytest.mark.parametrize("address", [PROFILE, SESSIONS])
def test_read_it_leads_to_the_account(browser: Client, ann: User, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, ACCOUNT)
    assert browser.delete(address).status_code == 405
    ann.refresh_from_db()
    assert ann.sign_outs == 0


@pytest.mark.parametrize("address", [PROFILE, SESSIONS])
def test_it_needs_the_forms_own_token(ann: User, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    assert strict.post(address, {"language": "ar"}).status_code == 403
    ann.refresh_from_db()
    assert (ann.language, ann.sign_outs) == ("zh-hant", 0)


def test_the_page_is_kept_by_no_cache(browser: Client) -> None:
    for answer in (browser.get(ACCOUNT), browser.post(PROFILE, {"zone": "AoE"})):
        assert answer.headers["Cache-Control"] == "private, no-store"


# --- other browsers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", [None, "a long enough secret"])
def test_signing_out_everywhere_else(client: Client, password: str | None) -> None:
    """Here the person stays signed in, also as one who has just shown a second factor; elsewhere at once nobody."""
    bo = create_account("bo@example.org", at=app_now(), name="Bo", password=password)
    others = [Client(), Client()]
    for one in (client, *others):
        one.force_login(bo)
    shown = client.session["account_authentication_methods"]
    before = client.session.session_key
    for _turn in range(2):
        answer = client.post(SESSIONS)
        assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    assert "You are signed out everywhere else." in client.get(ACCOUNT).content.decode()
    assert client.session["account_authentication_methods"] == shown
    assert client.session.session_key != before
    for one in others:
        assert one.get(ACCOUNT).status_code == 302
    assert Entry.objects.filter(action="account.sessions-ended", actor_id=bo.pk).count() == 2
    others[0].force_login(User.objects.get(pk=bo.pk))
    assert others[0].get(ACCOUNT).status_code == 200


def test_a_new_key_ends_no_session(browser: Client, settings: Settings) -> None:
    """A session that began under the key before goes on, also after a sign-out everywhere else."""
    browser.post(SESSIONS)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    assert browser.get(ACCOUNT).status_code == 200


# --- what one follows, second factor, own data -----------------------------------------------------------------------


@pytest.mark.long
def test_what_one_follows_stands_there(browser: Client, ann: User, tf: TaskForce) -> None:
    assert "You follow no task force." in page(browser)
    ask = Ask("ann@example.org", tf.pk, (Topic.UPDATES, Topic.DEADLINES), Frequency.DAILY, "en", "UTC")
    following.follow_by_account(ask, user_id=ann.pk, at=app_now())
    html = page(browser)
    assert html.count("<li>Leadership development</li>") == 1
    assert 'href="/en/subscriptions/"' in html


def test_two_step_sign_in_is_linked(browser: Client, ann: User) -> None:
    assert 'href="/en/accounts/2fa/">Set it up' in page(browser)
    note_sign_in(browser, ann, second_factor=True)
    assert 'href="/en/accounts/2fa/">App and recovery codes' in page(browser)


def test_a_page_costs_the_same_for_many_things(
    browser: Client, ann: User, tf: TaskForce, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser.get(ACCOUNT)
    with CaptureQueriesContext(connection) as few:
        browser.get(ACCOUNT)
    for number in range(5):
        EmailAddress.objects.create(user=ann, email=f"ann{number}@example.org", verified=True)
        ask = Ask(f"ann{number}@example.org", tf.pk, tuple(Topic.values), Frequency.DAILY, "en", "UTC")
        following.follow_by_account(ask, user_id=ann.pk, at=app_now())
    with django_assert_num_queries(len(few)):
        browser.get(ACCOUNT)


# --- addresses -----------------------------------------------------------------------------------------------------


def test_the_only_address_is_left_alone(browser: Client) -> None:
    assert actions(page(browser)) == ["action_add"]


@pytest.mark.parametrize(
    ("verified", "offered"), [(True, ["action_primary", "action_remove"]), (False, ["action_send", "action_remove"])]
)
def test_a_second_address_has_what_applies_to_it(
    browser: Client, ann: User, offered: list[str], *, verified: bool
) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=verified)
    html = page(browser)
    assert actions(html) == [*offered, "action_add"]
    assert html.count('name="email" value="second@example.org"') == 2


def test_the_offered_actions_work_for_whoever_has_just_signed_in(browser: Client, ann: User) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=True)
    note_sign_in(browser, ann, second_factor=False, seconds_ago=fresh.WITHIN.total_seconds())
    browser.post(ACCOUNT, {"email": "second@example.org", "action_primary": ""})
    assert EmailAddress.objects.get(primary=True).email == "ann@example.org"
    note_sign_in(browser, ann, second_factor=False)
    browser.post(ACCOUNT, {"email": "second@example.org", "action_primary": ""})
    assert EmailAddress.objects.get(primary=True).email == "second@example.org"
    browser.post(ACCOUNT, {"email": "ann@example.org", "action_remove": ""})
    assert [row.email for row in EmailAddress.objects.all()] == ["second@example.org"]


def test_removing_takes_two_presses(browser: Client, ann: User) -> None:
    EmailAddress.objects.create(user=ann, email="second@example.org", verified=True)
    html = page(browser)
    assert html.index("<details") < html.index("action_remove") < html.index("</details>")


def test_each_way_on_stands_once(browser: Client) -> None:
    whole = browser.get(ACCOUNT).content.decode()
    assert "<bdi>Ann</bdi>" in page(browser)
    for address in ("/en/accounts/logout/", "/en/accounts/password/change/"):
        assert whole.count(f'href="{address}"') == 1


# --- roles -----------------------------------------------------------------------------------------------------------


def test_no_role_no_word_of_it(browser: Client) -> None:
    assert "Your roles" not in page(browser)


def test_each_role_leads_to_its_work(browser: Client, ann: User, tf: TaskForce) -> None:
    """Of a translator to the text in their language; that of others is on the staff side."""
    for role, language in ((Role.TRANSLATOR, "ar"), (Role.FACILITATOR, "de"), (Role.MODERATOR, "")):
        grant_role(ann, role, at=app_now(), actor_id=None, task_force_id=tf.pk, language=language)
    part = page(browser).partition('id="roles"')[2].partition("</section>")[0]
    assert "There is no text to translate yet." in part
    assert "There is no feedback window yet." in part
    made = texts.create(tf, slug="proposal", at=app_now())
    ended = texts.create(tf, slug="plan", at=app_now())
    Proposal.objects.filter(pk=made.pk).update(state=ProposalState.PUBLISHED)
    Proposal.objects.filter(pk=ended.pk).update(
        state=ProposalState.WITHDRAWN, ended_at=app_now(), ended_reasons={"en": "No."}
    )
    part = page(browser).partition('id="roles"')[2].partition("</section>")[0]
    assert re.findall(r"<strong>(.*?)</strong>", part) == ["Translator", "Facilitator", "Moderator"]
    assert re.findall(r'href="(.*?)"', part) == [f"/ar/tf/{tf.slug}/proposals/proposal/translate/", "/en/admin/"]


def test_roles_cost_the_same_at_any_number(browser: Client, ann: User, tf: TaskForce) -> None:
    """One role as a translator of one text, and three of many."""
    counts = []
    for number, language in enumerate(("ar", "de", "fr")):
        group = timeline.create_task_force(f"other-{number}", {"en": f"Other {number}"}, at=app_now())
        made = texts.create(group, slug="proposal", at=app_now())
        Proposal.objects.filter(pk=made.pk).update(state=ProposalState.PUBLISHED)
        grant_role(ann, Role.TRANSLATOR, at=app_now(), actor_id=None, task_force_id=group.pk, language=language)
        browser.get(ACCOUNT)
        with CaptureQueriesContext(connection) as caught:
            assert page(browser).count("/translate/") == number + 1
        counts.append(len(caught))
    assert counts[0] == counts[-1]
