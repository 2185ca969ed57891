"""The staff side of a call: begun, written in two languages, weighed, checked, published, and changed in public."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from proposals.models import Proposal, TranslationGoal
from recruitment import calling, queries, services
from recruitment.models import Application, Call, CallChange
from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.calling import drafted, line
from tests.recruitment.conftest import AT, CALL, OPEN, Scored, SignIn, statements

LIST = "/en/admin/recruitment/call/"


@pytest.fixture
def draft(version: QuestionSetVersion, phase: Callable[[str], Phase], people: dict[str, User], clock: Clock) -> Call:
    """A draft that lacks nothing, before the phase opens."""
    clock.set(AT)
    return drafted(phase("recruitment"), version, people["coordinator"])


@pytest.fixture
def coordinator(people: dict[str, User], sign_in: SignIn) -> Client:
    """A coordinator's browser."""
    return sign_in(people["coordinator"])


def at(name: str, call: Call, *place: int, language: str = "") -> str:
    address = reverse(f"admin:recruitment_call_{name}", args=[call.pk, *place])
    return f"{address}?language={language}" if language else address


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the page's main form."""
    form = html.split("data-main", 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="(seen|order|source|language|previewed)" value="([^"]*)"', form))


def fields(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What a form sends that is sent as it is shown, with changes."""
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    form = response.context["form"]
    shown = {one.name: one.value() for one in form}
    sent = {name: value for name, value in shown.items() if value not in (None, False)}
    return {**sent, **hidden(response.content.decode()), **typed}


def own(html: str) -> str:
    """What a page says, without the frame."""
    return html.split('<div id="content"', 1)[1]


# --- who ------------------------------------------------------------------------------------------------------------


PAGES = ("change", "details", "questions", "criteria", "clarifications", "preview", "check", "seats", "rubric")


@pytest.mark.parametrize("name", ["reviewer1", "observer", "admin", "moderator"])
def test_others_find_no_draft(draft: Call, people: dict[str, User], sign_in: SignIn, name: str) -> None:
    client = sign_in(people[name])
    for page in PAGES:
        assert client.get(at(page, draft)).status_code == 404, page
    assert client.get(LIST).status_code == 403


def test_a_visitor_is_led_to_the_sign_in_and_finds_no_draft_by_any_public_address(draft: Call, client: Client) -> None:
    for page in PAGES:
        assert client.get(at(page, draft)).status_code == 302
    assert "There is no call for members yet" in client.get(CALL).content.decode()
    assert client.get(f"{CALL}?call=recruitment").status_code == 404


def test_who_has_applied_does_not_change_the_call(
    call: Call, people: dict[str, User], sign_in: SignIn, coordinator: Client
) -> None:
    from tests.recruitment.conftest import draft as application  # noqa: PLC0415 - called as a fixture here

    services.submit(call.pk, people["coordinator"], application(call, name="Cora", language="en"))
    assert coordinator.get(at("seats", call)).status_code == 403
    assert "Become a member" not in own(coordinator.get(LIST).content.decode())


# --- begin ------------------------------------------------------------------------------------------------------------


def test_a_call_is_begun_for_a_phase_in_which_people_apply(
    version: QuestionSetVersion, phase: Callable[[str], Phase], coordinator: Client, clock: Clock
) -> None:
    clock.set(AT)
    page = coordinator.get(f"{LIST}add/")
    offered = [code for code, _label in page.context["form"].fields["phase"].choices]
    assert offered == [str(phase("recruitment").pk)]
    typed = {"phase": offered[0], "questions": str(version.pk), "seats": "12", "source": "ar", "title": "كن عضوًا"}
    assert "كن عضوًا" in coordinator.post(f"{LIST}add/", {**typed, "seats": "0"}).content.decode()
    assert not Call.objects.exists()
    response = coordinator.post(f"{LIST}add/", typed)
    call = Call.objects.get()
    assert response.status_code == 303
    assert response.headers["Location"] == at("change", call)
    assert (labels.stored(call, "title"), call.seats, call.published_at) == ({"ar": "كن عضوًا"}, 12, None)
    # The phase has one now.
    assert "plan one first" in coordinator.get(f"{LIST}add/").content.decode()


# --- words and numbers ------------------------------------------------------------------------------------------------


def test_words_stand_in_two_languages_and_saving_leads_on_to_another(draft: Call, coordinator: Client) -> None:
    address = at("details", draft, language="zh-hant")
    typed = fields(coordinator, address, **{"title-zh-hant": "成為成員", "seats": "15", "go": "ar"})
    assert "title-ar" not in typed
    assert "title-en" in typed
    response = coordinator.post(address, {**typed, "languages": ["en", "zh-hant"]})
    assert response.status_code == 303
    assert response.headers["Location"] == at("details", draft, language="ar")
    draft.refresh_from_db()
    assert labels.stored(draft, "title") == {"en": "Become a member", "zh-hant": "成為成員"}
    assert draft.seats == 15
    assert draft.languages == ["en", "zh-hant"]


def test_whoever_comes_second_is_told_and_loses_nothing(draft: Call, coordinator: Client) -> None:
    address = at("details", draft)
    mine = fields(coordinator, address, **{"title-en": "My title", "seats": "3"})
    theirs = fields(coordinator, address, **{"title-en": "Their title"})
    assert coordinator.post(address, theirs).status_code == 303
    response = coordinator.post(address, mine)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Their title" in html
    assert html.count("My title") == 2, "once beside what is stored, once in its field"
    draft.refresh_from_db()
    assert labels.stored(draft, "title") == {"en": "Their title"}
    assert coordinator.post(address, {**mine, **hidden(html)}).status_code == 303
    draft.refresh_from_db()
    assert (labels.stored(draft, "title"), draft.seats) == ({"en": "My title"}, 3)


def test_what_is_wrong_stands_at_its_field_with_all_that_was_typed(draft: Call, coordinator: Client) -> None:
    address = at("details", draft)
    html = coordinator.post(
        address, fields(coordinator, address, **{"seats": "0", "title-en": "x" * 301, "purpose-en": "Typed."})
    ).content.decode()
    assert "too long" in html
    assert "x" * 301 in html
    assert "Typed." in html
    assert 'id="id_seats_error"' in html
    draft.refresh_from_db()
    assert draft.seats == 2


def test_what_is_sent_after_the_sign_in_has_ended_is_back_in_its_form(
    draft: Call, coordinator: Client, people: dict[str, User]
) -> None:
    address = at("details", draft)
    page = coordinator.get(address).content.decode()
    owner = re.search(r'name="owner" value="([^"]+)"', page)
    assert owner
    typed = fields(coordinator, address, **{"title-en": "Typed before", "owner": owner[1]})
    coordinator.logout()
    assert coordinator.post(address, typed).status_code == 302
    coordinator.force_login(people["coordinator"])
    assert "Typed before" in coordinator.get(address).content.decode()
    draft.refresh_from_db()
    assert labels.stored(draft, "title") == {"en": "Become a member"}


def test_what_begins_a_call_is_kept_too(
    version: QuestionSetVersion, coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    clock.set(AT)
    owner = re.search(r'name="owner" value="([^"]+)"', coordinator.get(f"{LIST}add/").content.decode())
    assert owner
    coordinator.logout()
    coordinator.post(f"{LIST}add/", {"title": "Typed before", "seats": "7", "owner": owner[1]})
    coordinator.force_login(people["coordinator"])
    assert "Typed before" in coordinator.get(f"{LIST}add/").content.decode()


# --- the rubric -------------------------------------------------------------------------------------------------------


def test_weights_are_saved_together_and_their_sum_is_shown(draft: Call, coordinator: Client) -> None:
    address = at("criteria", draft)
    first, second = queries.criteria(draft)
    typed = {f"weight-{first.pk}": "50", f"weight-{second.pk}": "40", "act": "save"}
    assert coordinator.post(address, fields(coordinator, address, **typed)).status_code == 303
    html = coordinator.get(address).content.decode()
    assert "Together: 90%" in html
    assert "It must be 100 percent" in html
    assert "It must be 100 percent" in coordinator.get(at("change", draft)).content.decode()


def test_moving_one_keeps_the_weights_and_the_criterion_that_were_typed(draft: Call, coordinator: Client) -> None:
    address = at("criteria", draft)
    first, second = queries.criteria(draft)
    typed = {
        f"weight-{first.pk}": "30",
        "new-label": "Languages",
        "new-weight": "30",
        "act": f"up:{second.pk}",
    }
    response = coordinator.post(address, fields(coordinator, address, **typed))
    assert response.status_code == 303
    assert response.headers["Location"].endswith(f"#c-{second.pk}")
    said = [(labels.stored(one, "label")["en"], one.weight) for one in queries.criteria(draft)]
    assert said == [("Perspective", 40), ("Experience", 30), ("Languages", 30)]


def test_a_criterion_is_added_written_and_removed(draft: Call, coordinator: Client) -> None:
    address = at("criteria", draft)
    added = fields(coordinator, address, **{"new-label": "Languages", "new-weight": "5", "act": "add"})
    page = coordinator.post(address, added).headers["Location"]
    third = queries.criteria(draft)[-1]
    assert page == at("criterion", draft, third.pk, language="en")
    typed = fields(coordinator, page.replace("=en", "=ar"), **{"meaning_5-en": "Three or more", "label-ar": "اللغات"})
    assert coordinator.post(page, {**typed, "go": "list"}).headers["Location"] == at("criteria", draft, language="ar")
    third.refresh_from_db()
    assert labels.stored(third, "label") == {"en": "Languages", "ar": "اللغات"}
    assert labels.stored(third.meanings.get(), "text") == {"en": "Three or more"}
    html = coordinator.get(address).content.decode()
    button = re.search(rf'value="(remove:{third.pk}:[0-9a-f]+)"', html)
    assert button
    gone = coordinator.post(address, {**fields(coordinator, address), "act": button[1]})
    assert gone.status_code == 303
    assert len(queries.criteria(draft)) == 2


def test_a_weight_without_its_criterion_and_one_that_is_none_are_said_at_their_fields(
    draft: Call, coordinator: Client
) -> None:
    address = at("criteria", draft)
    first = queries.criteria(draft)[0]
    wrong = fields(coordinator, address, **{f"weight-{first.pk}": "101", "new-weight": "5", "act": "save"})
    html = coordinator.post(address, wrong).content.decode()
    assert 'value="101"' in html
    assert f'id="id_weight-{first.pk}_error"' in html
    assert "Say what the criterion is." in html


def test_weights_that_somebody_else_has_changed_are_not_replaced_unseen(draft: Call, coordinator: Client) -> None:
    address = at("criteria", draft)
    first, second = queries.criteria(draft)
    mine = fields(coordinator, address, **{f"weight-{first.pk}": "70", f"weight-{second.pk}": "30", "act": "save"})
    theirs = fields(coordinator, address, **{f"weight-{first.pk}": "10", "act": "save"})
    assert coordinator.post(address, theirs).status_code == 303
    response = coordinator.post(address, mine)
    assert response.status_code == 409
    html = response.content.decode()
    assert 'value="70"' in html
    assert re.search(r"Stored now</h4><blockquote>10</blockquote>.*?Typed by you</h4><blockquote>70<", html, re.S)
    assert [one.weight for one in queries.criteria(draft)] == [10, 40]


# --- questions and answers --------------------------------------------------------------------------------------------


def test_answers_are_added_to_a_draft_and_after_a_second_thought_to_what_is_public(
    draft: Call, coordinator: Client, clock: Clock
) -> None:
    address = at("clarifications", draft)

    def sent(**typed: str) -> Any:
        page = coordinator.get(address).content.decode()
        return coordinator.post(address, {**hidden(page), "act": "add", **typed})

    assert sent(**{"question-en": "May I write in Malay?", "answer-en": ""}).status_code == 400
    assert sent(**{"question-en": "May I write in Malay?", "answer-en": "Yes."}).status_code == 303
    assert draft.clarifications.count() == 2
    Call.objects.filter(pk=draft.pk).update(published_at=AT)
    clock.set(OPEN)
    late = {"question-en": "Until when?", "answer-en": "See the dates."}
    html = sent(**late).content.decode()
    assert "See the dates." in html
    assert draft.clarifications.count() == 2
    assert sent(**late, confirmed="yes").status_code == 303
    assert "Until when?" in Client().get(CALL).content.decode()


# --- preview, check, publish ------------------------------------------------------------------------------------------


def test_the_preview_is_the_public_page_in_the_language_of_the_address(
    draft: Call, coordinator: Client, clock: Clock
) -> None:
    preview = coordinator.get(at("preview", draft).replace("/en/", "/ar/"))
    assert "no-store" in preview.headers["Cache-Control"]
    shown = preview.content.decode()
    assert '<html lang="ar" dir="rtl">' in shown
    Call.objects.filter(pk=draft.pk).update(published_at=app_now())
    public = Client().get(CALL.replace("/en/", "/ar/")).content.decode()
    # From the state on, which stands below the title, letter for letter.
    start, end = '<div class="cdx-message', "</main>"
    body = (
        public.split("<h1>", 1)[1]
        .split(start, 1)[1]
        .split(end, 1)[0]
        .split('<section class="pt-section" aria-labelledby="what-now"')[0]
    )
    assert body in shown
    assert coordinator.post(at("preview", draft)).status_code == 405


def test_what_blocks_is_named_with_the_way_to_where_it_is_mended(draft: Call, coordinator: Client) -> None:
    services.remove_criterion(queries.criteria(draft)[0].pk, actor=User.objects.get(email="coordinator@demo.example"))
    response = coordinator.get(at("check", draft))
    html = own(response.content.decode())
    assert "It cannot be published yet" in html
    assert f'href="{at("criteria", draft)}' in html
    assert "Publish the call" not in html
    # Whoever sends it all the same is refused with the same.
    refused = coordinator.post(at("check", draft), {"confirmed": "yes", **hidden(response.content.decode())})
    assert refused.status_code == 403
    draft.refresh_from_db()
    assert draft.published_at is None


def test_publishing_needs_a_second_thought_and_then_everybody_reads_it(
    draft: Call, coordinator: Client, people: dict[str, User]
) -> None:
    assert "appoint more" in coordinator.get(at("check", draft)).content.decode()
    assert people["reviewer1"] != people["reviewer2"]
    response = coordinator.get(at("check", draft))
    assert not response.context["blocking"]
    html = response.content.decode()
    unconfirmed = coordinator.post(at("check", draft), hidden(html))
    assert "Tick" in unconfirmed.content.decode()
    assert "Become a member" not in Client().get(CALL).content.decode()
    done = coordinator.post(at("check", draft), {"confirmed": "yes", **hidden(html)})
    assert done.headers["Location"] == at("change", draft)
    assert "Become a member" in Client().get(CALL).content.decode()
    assert coordinator.get(at("check", draft)).status_code == 303
    assert "Change the seats" in coordinator.get(at("change", draft)).content.decode()


def test_a_draft_is_discarded_once_its_page_shows_it_as_it_is(draft: Call, coordinator: Client) -> None:
    seen = hidden(coordinator.get(at("change", draft)).content.decode())
    services.add_criterion(draft.pk, line("New", 1), actor=User.objects.get(email="coordinator@demo.example"))
    assert coordinator.post(at("change", draft), seen).status_code == 409
    seen = hidden(coordinator.get(at("change", draft)).content.decode())
    assert coordinator.post(at("change", draft), seen).status_code == 303
    assert not Call.objects.exists()


def test_the_first_page_says_that_a_draft_waits(draft: Call, coordinator: Client, people: dict[str, User]) -> None:
    said = "A call for members is written and not published yet."
    html = coordinator.get("/en/admin/").content.decode()
    assert said in html
    assert f'href="{at("check", draft)}"' in html
    Call.objects.filter(pk=draft.pk).update(published_at=AT)
    assert said not in coordinator.get("/en/admin/").content.decode()


# --- acts -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def public(draft: Call, clock: Clock) -> Call:
    """The same, published, while people apply."""
    Call.objects.filter(pk=draft.pk).update(published_at=AT)
    clock.set(OPEN)
    draft.refresh_from_db()
    return draft


def test_other_seats_are_shown_as_everybody_will_read_them_and_then_changed(public: Call, coordinator: Client) -> None:
    address = at("seats", public)
    typed = fields(coordinator, address, **{"seats": "15", "reason-en": "All regions.", "reason-ar": "كل المناطق."})
    shown = coordinator.post(address, typed).content.decode()
    assert "The number of seats was changed from <bdi>2</bdi> to <bdi>15</bdi>." in shown
    assert "كل المناطق." in own(shown).split('id="what"', 1)[1]
    assert not CallChange.objects.exists()
    seen = hidden(shown)
    assert "Tick the box" in coordinator.post(address, {**typed, **seen}).content.decode()
    other = coordinator.post(address, {**typed, **seen, "seats": "16", "confirmed": "yes"}).content.decode()
    assert "This is not what you were shown before" in other
    assert not CallChange.objects.exists()
    done = coordinator.post(address, {**typed, **seen, "confirmed": "yes"})
    assert done.headers["Location"] == at("change", public)
    change = CallChange.objects.get()
    assert (change.old_seats, change.new_seats) == (2, 15)
    assert labels.stored(change, "reason") == {"en": "All regions.", "ar": "كل المناطق."}
    assert "All regions." in Client().get(CALL).content.decode()


def test_a_reason_is_needed_and_the_same_number_is_no_change(public: Call, coordinator: Client) -> None:
    address = at("seats", public)
    html = coordinator.post(address, fields(coordinator, address, previewed="", confirmed="yes")).content.decode()
    assert "Say why, in one language at least" in html
    assert "The call has this number of seats already." in html
    assert not CallChange.objects.exists()


def test_other_criteria_are_shown_first_and_what_is_gone_is_told(public: Call, coordinator: Client) -> None:
    address = at("rubric", public)
    first, second = queries.criteria(public)
    typed = fields(
        coordinator,
        address,
        **{
            f"remove-{first.pk}": "on",
            f"weight-{second.pk}": "70",
            "label-new-en": "Languages",
            "weight-new": "20",
            "reason-en": "It was said twice.",
        },
    )
    assert "add up to 90, not to 100" in coordinator.post(address, typed).content.decode()
    typed["weight-new"] = "30"
    shown = coordinator.post(address, typed).content.decode()
    assert "The criteria or their weights were changed." in shown
    done = coordinator.post(address, {**typed, **hidden(shown), "confirmed": "yes"})
    assert done.status_code == 303
    assert [(labels.stored(one, "label")["en"], one.weight) for one in queries.criteria(public)] == [
        ("Perspective", 70),
        ("Languages", 30),
    ]
    html = Client().get(CALL).content.decode()
    assert "It was said twice." in html
    assert "Experience" in html.split('id="changes"', 1)[1]


def confirmed(client: Client, address: str, typed: dict[str, Any]) -> str:
    """The page that shows the act; then it is confirmed."""
    shown = client.post(address, typed).content.decode()
    done = client.post(address, {**typed, **hidden(shown), "confirmed": "yes"})
    assert done.status_code == 303, shown
    return shown


def test_a_criterion_of_an_act_is_named_in_every_language_that_the_task_force_uses(
    public: Call, coordinator: Client, text: Proposal, tf: TaskForce
) -> None:
    address = at("rubric", public)
    assert "label-new-ar" not in fields(coordinator, address)
    Proposal.objects.filter(pk=text.pk).update(task_force=tf)
    for code in ("ar", "zh-hant"):
        TranslationGoal.objects.create(proposal=text, language=code, percent=50, reason="Many", refuses=False)
    first, second = queries.criteria(public)
    shown_fields = coordinator.get(address).context["form"].fields
    assert {"label-new-en", "label-new-ar", "label-new-zh-hant", f"label-{first.pk}-ar"} <= set(shown_fields)
    assert "label-new-de" not in shown_fields
    typed = fields(
        coordinator,
        address,
        **{
            f"label-{first.pk}-ar": "الخبرة",
            f"weight-{first.pk}": "40",
            f"weight-{second.pk}": "40",
            "label-new-en": "Languages",
            "label-new-zh-hant": "語言",
            "weight-new": "20",
            "meaning-1-new-en": "One.",
            "meaning-1-new-zh-hant": "一種。",
            "reason-en": "It was forgotten.",
        },
    )
    shown = confirmed(coordinator, address, typed)
    # What is wanted and missing is said before it is confirmed: of the others a hint, of the new one its name.
    assert "العربية: missing of what is wanted in it: criterion 1, criterion 2, criterion 3." in shown
    new = queries.criteria(public)[2]
    assert labels.stored(new, "label") == {"en": "Languages", "zh-hant": "語言"}
    assert labels.stored(new.meanings.get(), "text") == {"en": "One.", "zh-hant": "一種。"}
    first.refresh_from_db()
    assert labels.stored(first, "label") == {"en": "Experience", "ar": "الخبرة"}
    # A published call says so too, with the way there.
    desk = coordinator.get(at("change", public))
    lacks = [
        one["text"] for one in desk.context["lacks"] if one["url"] == at("criterion", public, new.pk, language="ar")
    ]
    assert lacks == ["العربية: missing of what is wanted in it: criterion 3."]
    assert lacks[0] in desk.content.decode()


def test_a_criterion_without_a_name_is_none(public: Call, coordinator: Client) -> None:
    address = at("rubric", public)
    first = queries.criteria(public)[0]
    for typed in ({f"label-{first.pk}-en": ""}, {"weight-new": "10"}, {"meaning-1-new-en": "One."}):
        html = coordinator.post(
            address, fields(coordinator, address, **{"reason-en": "Why.", **typed})
        ).content.decode()
        assert "Say what the criterion is." in html
    assert not CallChange.objects.exists()


def test_what_scores_mean_is_put_right_by_an_act_that_shows_what_they_meant(public: Call, coordinator: Client) -> None:
    first, second = queries.criteria(public)
    address = at("scores", public, first.pk)
    listed = coordinator.get(at("criteria", public)).content.decode()
    assert f'href="{address}"' in listed
    typed = fields(coordinator, address, **{"meaning-5-en": "Leads & teaches.", "reason-en": "It was unclear."})
    shown = confirmed(coordinator, address, typed)
    for said in ("What scores mean was changed.", "Mark 5", "Leads &amp; teaches.", "It was unclear."):
        assert said in own(shown).split('id="what"', 1)[1]
    assert [labels.stored(one, "text")["en"] for one in first.meanings.all()] == [
        "Mark 1", "Mark 2", "Mark 3", "Mark 4", "Leads & teaches.",
    ]  # fmt: skip
    assert [labels.stored(one, "text")["en"] for one in second.meanings.all()][-1] == "Mark 5"
    assert [(one.label, one.weight) for one in queries.criteria(public)] == [("Experience", 60), ("Perspective", 40)]
    for page in (CALL, "/en/tf/leadership-development/process/"):
        html = Client().get(page).content.decode()
        changes = html.split("What scores mean was changed.", 1)[1].split("</ol>", 1)[0]
        assert all(said in changes for said in ("Experience", "Mark 5", "Leads &amp; teaches.", "It was unclear."))
        assert "Perspective" not in changes
    same = coordinator.post(address, fields(coordinator, address, **{"reason-en": "Again."}))
    again = {**fields(coordinator, address, **{"reason-en": "Again."}), **hidden(same.content.decode())}
    assert "The criteria are these already." in coordinator.post(address, {**again, "confirmed": "1"}).content.decode()


def test_a_meaning_that_changes_in_another_language_is_shown_in_that_one(public: Call, coordinator: Client) -> None:
    first = queries.criteria(public)[0]
    lines = queries.rubric(public)
    spec = queries.kept(lines)
    now = services.as_kept(lines, [replace(lines[0], meanings={5: {"zh-hant": "帶領他人。"}}), lines[1]])
    (meant,) = calling.rubric_changed(spec, now)["meanings"]
    assert (meant["before"], meant["score"]) == ("", "Score 5")
    assert 'lang="zh-Hant"' in meant["now"]
    assert first.pk == lines[0].criterion_id
    with override("zh-hant"):
        (meant,) = calling.rubric_changed(spec, now)["meanings"]
    assert "Mark 5" in meant["before"]
    assert "帶領他人。" in meant["now"]


def test_from_the_first_review_on_scores_mean_what_they_meant(
    three: list[Application], people: dict[str, User], coordinator: Client, scored: Scored
) -> None:
    call = three[0].call
    address = at("scores", call, queries.criteria(call)[0].pk)
    assert coordinator.get(address).status_code == 200
    scored(three[0], people["reviewer1"], 4, 3)
    assert "Reviews were submitted by these criteria" in coordinator.get(address).content.decode()
    assert coordinator.post(address, {"reason-en": "Late."}).status_code == 403
    assert coordinator.get(at("scores", call, 1)).status_code == 403


def test_a_published_call_says_more_languages_and_no_other_words(public: Call, coordinator: Client) -> None:
    address = at("details", public, language="ar")
    page = fields(coordinator, address, **{"title-ar": "كن عضوًا"})
    assert "seats" not in page
    assert coordinator.post(address, page).status_code == 303
    public.refresh_from_db()
    assert labels.stored(public, "title")["ar"] == "كن عضوًا"
    typed = fields(coordinator, address, **{"title-en": "Fluent Klingon"})
    html = coordinator.post(address, typed).content.decode()
    assert "by an act with its reason alone" in html
    assert "readonly" in own(html).split('name="title-en"', 1)[1].split(">", 1)[0]
    assert f'href="{at("words", public)}"' in html
    first = queries.criteria(public)[0]
    words = at("criterion", public, first.pk, language="ar")
    assert coordinator.post(words, fields(coordinator, words, **{"label-ar": "الخبرة"})).status_code == 303
    first.refresh_from_db()
    assert labels.stored(first, "label")["ar"] == "الخبرة"


@pytest.mark.parametrize("of", ["call", "answer"])
def test_other_words_are_shown_beside_what_they_were_before_they_are_done(
    public: Call, coordinator: Client, of: str
) -> None:
    told = public.clarifications.get()
    row, field, was, address = (
        (public, "allowance", "Costs of data are paid.", at("words", public))
        if of == "call"
        else (told, "answer", "No.", at("answer_words", public, told.pk))
    )
    page = coordinator.get(address).content.decode()
    assert "by a public act" in page or "are a public act" in page
    typed = fields(coordinator, address, **{f"{field}-en": "All & more.", "reason-en": "It was wrong."})
    shown = own(confirmed(coordinator, address, typed)).split('id="what"', 1)[1]
    for said in ("Words of the call were changed.", was, "All &amp; more.", "It was wrong."):
        assert said in shown
    row.refresh_from_db()
    assert labels.stored(row, field)["en"] == "All & more."
    desk = coordinator.get(at("change", public)).content.decode()
    assert "It was wrong." in desk
    assert f'href="{at("words", public)}"' in desk


def test_a_hint_changes_with_what_the_scores_mean(public: Call, coordinator: Client) -> None:
    first = queries.criteria(public)[0]
    address = at("scores", public, first.pk)
    typed = fields(coordinator, address, **{"help-en": "In any community.", "reason-en": "It was asked."})
    shown = own(confirmed(coordinator, address, typed)).split('id="what"', 1)[1]
    assert "</span> · Hint · <bdi" in shown
    assert "In any community." in shown
    first.refresh_from_db()
    assert labels.stored(first, "help_text") == {"en": "In any community."}


def test_what_a_published_call_asks_stays(public: Call, coordinator: Client) -> None:
    html = coordinator.get(at("questions", public)).content.decode()
    assert "<select" not in own(html)
    assert coordinator.post(at("questions", public), {"questions": str(public.questions_id)}).status_code == 403
    criteria = at("criteria", public)
    assert "act" not in hidden(coordinator.get(at("clarifications", public)).content.decode())
    assert coordinator.post(criteria, {"act": "save"}).status_code == 409


# --- statements -------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("page", ["change", "details", "criteria", "clarifications", "preview", "check"])
def test_more_criteria_and_answers_do_not_cost_a_page_a_statement(
    draft: Call, coordinator: Client, people: dict[str, User], page: str
) -> None:
    counts = []
    coordinator.get(at(page, draft))
    for _size in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert coordinator.get(at(page, draft)).status_code == 200
        counts.append(statements(captured))
        for number in range(4):
            services.add_criterion(draft.pk, line(f"More {number}", 1), actor=people["coordinator"])
            told = {"en": "Answer."}
            services.add_clarification(draft.pk, {"en": f"Q {number}?"}, told, actor=people["coordinator"])
    assert counts[0] == counts[1]
