"""Sending a form: what is stored, what is refused, and what is said about it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import services, terms
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackItem, FeedbackWindow
from proposals.models import Proposal, Revision
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import gates
from taskforce.timeline.gates import new_form_key
from taskforce.timeline.services import correct_label
from tests.clients import Client
from tests.conftest import Clock
from tests.costs import cost
from tests.feedback.conftest import CLOSES, HARD_CLOSES, OPENS
from tests.feedback.pages import address, counted, filled, fresh, limited, main_form, parsed, text_question

Stand = Callable[[datetime], None]


def test_from_form_to_receipt_without_account(window: FeedbackWindow, visitor: Client) -> None:
    choice = f"q-{window.questions.questions.get(position=2).pk}"
    fields = filled(visitor, address("zh-hant"), visibility="public", name="  林 \u202e小明 ", **{choice: "partly"})
    response = visitor.post(address("zh-hant"), fields)
    assert response.status_code == 303
    item = FeedbackItem.objects.get()
    assert response.headers["Location"].startswith(f"{address('zh-hant')}mine/")
    assert (item.language, item.visibility, item.state, item.channel) == ("zh-hant", "public", "published", "web")
    assert item.name == "林 小明"
    assert [(a.text, a.choices) for a in item.answers.order_by("question__position")] == [
        ("Leaders grow where they are trusted.", []),
        ("", ["partly"]),
    ]
    receipt = visitor.get(response.headers["Location"]).content.decode()
    assert f"data-ref>{item.reference}</output>" in receipt


def test_an_item_points_at_the_revision_that_was_read(
    window: FeedbackWindow, text: Proposal, visitor: Client, clock: Clock
) -> None:
    fields = filled(visitor)
    clock.set(CLOSES - timedelta(days=5))
    second = Revision.objects.create(
        proposal=text, number=2, language="en", editor_name="Editor", at=CLOSES - timedelta(days=6)
    )
    visitor.post(address(), fields)
    visitor.post(address(), filled(visitor))
    assert [item.revision.number for item in FeedbackItem.objects.order_by("id") if item.revision] == [1, 2]
    assert second.number == 2


def test_an_act_leaves_an_audit_row_without_text_and_sends_no_mail(window: FeedbackWindow, visitor: Client) -> None:
    visitor.post(address(), filled(visitor, name="Somebody", visibility="staff"))
    entry = Entry.objects.get(action="feedback.submitted")
    item = FeedbackItem.objects.get()
    assert (entry.target_id, entry.at, entry.actor_id) == (item.pk, item.received_at, None)
    assert entry.task_force_id == window.phase.task_force_id
    assert "Somebody" not in str(entry.details)
    assert "Leaders" not in str(entry.details)
    assert not OutboxMessage.objects.exists()


def test_a_name_beside_nameless_is_asked_about_at_its_field(window: FeedbackWindow, visitor: Client) -> None:
    html = visitor.post(address(), filled(visitor, name="Somebody", visibility="nameless")).content.decode()
    assert not FeedbackItem.objects.exists()
    assert '<a href="#id_name">' in html
    assert "You wrote a name, but “Public, without a name” is chosen." in html.split('id="id_name_error"')[1]
    again = parsed(html).fields
    assert again is not None
    assert again["name"] == "Somebody"
    assert visitor.post(address(), {**again, "name": ""}).status_code == 303
    assert FeedbackItem.objects.get().name == ""


def test_whatever_reaches_the_service_nameless_keeps_no_name(window: FeedbackWindow) -> None:
    key = gates.read_form_key(new_form_key(OPENS, window.phase_id), window.phase_id)
    fields: dict[str, Any] = {"language": "en", "visibility": "nameless", "name": "Somebody", "answers": []}
    assert services.submit(window.pk, form_key=key, **fields).item.name == ""


@pytest.mark.parametrize("has_the_field", [True, False])
def test_public_without_a_name_is_sent_and_preview_and_receipt_say_so(
    window: FeedbackWindow, visitor: Client, has_the_field: bool
) -> None:
    """Scripts may rely on it that no name is needed."""
    fields = filled(visitor, visibility="public")
    assert fields["name"] == ""
    if not has_the_field:
        del fields["name"]
    said = "Shown without a name, because none was given."
    assert said in visitor.post(address(), {**fields, "act": "preview"}).content.decode()
    receipt = visitor.get(visitor.post(address(), fields).headers["Location"]).content.decode()
    assert f"Public, with the name I give<br>{said}" in receipt


def test_the_title_of_a_page_with_errors_says_so_first(window: FeedbackWindow, visitor: Client) -> None:
    html = visitor.post(address(), filled(visitor, visibility="nameless", name="Ann")).content.decode()
    assert "<title>Error: " in html
    assert "<title>Error: " not in visitor.get(address()).content.decode()


def test_a_receipt_with_a_name_does_not_say_that_none_was_given(window: FeedbackWindow, visitor: Client) -> None:
    location = visitor.post(address(), filled(visitor, visibility="public", name="Somebody")).headers["Location"]
    assert "none was given" not in visitor.get(location).content.decode()


def test_a_filled_honeypot_holds_the_item_and_says_that_a_person_reads_it(
    window: FeedbackWindow, visitor: Client
) -> None:
    response = visitor.post(address(), filled(visitor, **{HONEYPOT: "buy this"}))
    assert response.status_code == 303
    item = FeedbackItem.objects.get()
    assert item.state == "held"
    page = visitor.get(response.headers["Location"]).content.decode()
    assert item.reference in page
    assert "A person of the task force reads your text before anybody else can." in page


def test_sending_is_agreeing_to_the_terms_above_the_button(window: FeedbackWindow, visitor: Client) -> None:
    """A program that sends the fields of the contract alone agrees too, and no field of the form says so."""
    html = visitor.get(address("zh-hant")).content.decode()
    deed = 'href="https://creativecommons.org/licenses/by-sa/4.0/deed.zh-hant" rel="license"'
    assert html.index("data-main") < html.index(deed) < html.index("<button", html.index("data-main"))
    fields = filled(visitor)
    sent = {name: value for name, value in fields.items() if name in ("csrfmiddlewaretoken", "form_key", "language")}
    response = visitor.post(address(), {**sent, "visibility": "nameless", text_question(fields): "Yes, please."})
    assert response.status_code == 303
    assert FeedbackItem.objects.get().terms == terms.CURRENT
    assert 'deed.en" rel="license"' in visitor.get(response.headers["Location"]).content.decode()
    page = Client().get(f"{address()}items/{FeedbackItem.objects.get().reference}/").content.decode()
    assert 'deed.en" rel="license"' in page


def test_what_a_window_adds_to_the_terms_is_kept_with_what_is_said(window: FeedbackWindow, visitor: Client) -> None:
    """By its content: the same words are the same version, and a word that is corrected makes another one."""
    labels = {"terms_en": "Also read [our rules](https://example.org/rules).", "terms_de": "Lies auch unsere Regeln."}
    FeedbackWindow.objects.filter(pk=window.pk).update(**labels)
    html = visitor.get(address()).content.decode()
    assert html.count("our rules</a>") == 1
    assert html.index("data-main") < html.index("our rules</a>") < html.index('value="send"')
    assert html.index('deed.en" rel="license"') < html.index("our rules</a>")
    assert "Lies auch unsere Regeln." in visitor.get(address("de")).content.decode()
    own = visitor.post(address(), filled(visitor)).headers["Location"]
    item = FeedbackItem.objects.get()
    assert item.terms.startswith(f"{terms.CURRENT}-")
    assert item.terms == terms.version(labels.get(column) for column in terms.COLUMNS)
    FeedbackWindow.objects.filter(pk=window.pk).update(terms_de="Lies unsere Regeln.")
    changed = {**main_form(visitor, f"{own}edit/")}
    assert visitor.post(f"{own}edit/", {**changed, text_question(changed): "Other words."}).status_code == 303
    later = FeedbackItem.objects.get().terms
    assert later == terms.version({**labels, "terms_de": "Lies unsere Regeln."}.get(column) for column in terms.COLUMNS)
    assert later != item.terms


def test_what_is_for_staff_alone_is_under_no_licence(window: FeedbackWindow, visitor: Client) -> None:
    receipt = visitor.get(visitor.post(address(), filled(visitor, visibility="staff")).headers["Location"])
    assert "creativecommons" not in receipt.content.decode()


def test_a_post_costs_little(window: FeedbackWindow, visitor: Client) -> None:
    """Where the last minute before a close brings everybody: also of whoever has sent something before."""
    for words, more in (
        ("What I have to say is as long as this, and not a word longer.", 0),
        ("And what I say next is as long as that, or a little longer.", 2),
    ):
        fields = filled(visitor)
        found = cost(partial(visitor.post, address(), {**fields, text_question(fields): words}))
        assert FeedbackItem.objects.filter(answers__text=words).exists()
        # What is like it, the lock and the phase in one go, and all that is stored; before them the door with the
        # place.
        assert found.inside <= 4 + more, found.asked
        assert found.together <= 5 + more, found.asked


def test_what_is_asked_is_as_it_stands_though_it_is_read_once(
    window: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    """A question and a choice whose words were corrected between two posts."""
    wrong = filled(visitor, visibility="")
    question = window.questions.questions.get(position=2)
    choice = question.choices.get(code="yes")
    for corrected in ("Do you agree by now?", "Are you for it?"):
        for row in (question, choice):
            correct_label(
                window.phase.task_force_id, row=row, field="label", language="en", text=f"{row.pk} {corrected}",
                actor=people["coordinator"],
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            for _ in range(2):
                html = visitor.post(address(), wrong).content.decode()
                assert f"{question.pk} {corrected}" in html
                assert f"{choice.pk} {corrected}" in html
        assert len([query for query in captured if 'FROM "questions_question"' in query["sql"]]) == 1


# --- the boundaries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (OPENS - timedelta(microseconds=1), 403),
        (OPENS, 303),
        (CLOSES - timedelta(microseconds=1), 303),
        (CLOSES, 303),
        (HARD_CLOSES - timedelta(microseconds=1), 303),
        (HARD_CLOSES, 403),
    ],
)
def test_open_is_half_open_to_the_microsecond(
    window: FeedbackWindow, visitor: Client, standing: Stand, moment: datetime, status: int
) -> None:
    """By a form from before the close; the mark says which came in the grace."""
    fields = filled(visitor)
    standing(moment)
    assert visitor.post(address(), fields).status_code == status
    assert FeedbackItem.objects.count() == (status == 303)
    assert FeedbackItem.objects.filter(in_grace=True).exists() is (CLOSES <= moment < HARD_CLOSES)


def test_a_refusal_has_reason_instants_and_what_was_typed(
    window: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    choice = f"q-{window.questions.questions.get(position=2).pk}"
    fields = filled(visitor, **{choice: "no"})
    fields[text_question(fields)] = "My <b>own</b> words & thoughts"
    clock.set(HARD_CLOSES)
    response = visitor.post(address(), fields)
    html = response.content.decode()
    assert response.status_code == 403
    assert "It closed: 28 February 2022, anywhere on Earth (AoE)" in html
    assert "1 March 2022, 12:00 UTC" in html
    assert "My &lt;b&gt;own&lt;/b&gt; words &amp; thoughts</textarea>" in html
    assert "<p>No</p>" in html
    assert "Your text has not been saved" in html
    assert html.count("<h1") == 1
    assert not FeedbackItem.objects.exists()


def test_a_form_with_errors_after_the_close_is_a_refusal_too(
    window: FeedbackWindow, visitor: Client, clock: Clock
) -> None:
    fields = filled(visitor, visibility="nobody")
    clock.set(HARD_CLOSES)
    assert visitor.post(address(), fields).status_code == 403


# --- forms that are not right --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"visibility": "everybody"}, "Please choose one of the answers given here."),
        ({"visibility": ""}, "Please choose one."),
        ({"language": "xx"}, "This language is not known here."),
        ({"name": "n" * 121}, "at most 120 characters"),
        ({"form_key": ""}, "This form has expired"),
        ({"form_key": "forged"}, "This form has expired"),
        ({"form_key": "x" * 400}, "This form has expired"),
    ],
)
def test_an_error_keeps_what_was_typed(
    window: FeedbackWindow, visitor: Client, change: dict[str, Any], message: str
) -> None:
    fields = filled(visitor, **change)
    question = text_question(fields)
    response = visitor.post(address(), fields)
    html = response.content.decode()
    assert response.status_code == 200
    assert message in html
    assert "pt-error-summary" in html
    again = parsed(html).fields
    assert again is not None
    assert again[question] == "Leaders grow where they are trusted."
    assert not FeedbackItem.objects.exists()


def test_an_expired_form_can_be_sent_again_as_it_stands(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    del fields["form_key"]
    again = parsed(visitor.post(address(), fields).content.decode()).fields
    assert again is not None
    assert visitor.post(address(), again).status_code == 303


def test_other_errors_keep_the_forms_key(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor, visibility="")
    again = parsed(visitor.post(address(), fields).content.decode()).fields
    assert again is not None
    assert again["form_key"] == fields["form_key"]


def test_saying_nothing_is_an_error(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    fields[text_question(fields)] = " \u200b\n".replace("\u200b", "")
    html = visitor.post(address(), fields).content.decode()
    assert "Please answer at least one question." in html


def test_a_request_without_csrf_token_is_refused(window: FeedbackWindow, visitor: Client) -> None:
    fields = filled(visitor)
    del fields["csrfmiddlewaretoken"]
    assert visitor.post(address(), fields).status_code == 403
    assert not FeedbackItem.objects.exists()


@pytest.mark.long
def test_too_often_says_when_to_come_back_and_keeps_the_text(
    window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 2)
    for _ in range(2):
        assert visitor.post(address(), fresh(visitor)).status_code == 303
    fields = fresh(visitor)
    response = visitor.post(address(), fields)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 601
    again = parsed(response.content.decode()).fields
    assert again is not None
    assert again[text_question(fields)] == fields[text_question(fields)]
    assert again["form_key"] == fields["form_key"]
    assert FeedbackItem.objects.count() == 2
    # Somebody else is not held up.
    assert visitor.post(address(), fields, REMOTE_ADDR="192.0.2.7").status_code == 303


@pytest.mark.long
def test_only_what_is_new_and_stored_counts(
    window: FeedbackWindow, visitor: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 2)
    fields = filled(visitor)
    first = visitor.post(address(), fields)
    for _ in range(4):
        assert visitor.post(address(), fields).headers["Location"] == first.headers["Location"]
        assert visitor.post(address(), {**fields, "visibility": "staff"}).status_code == 409
        assert visitor.post(address(), filled(visitor, visibility="")).status_code == 200
    clock.set(HARD_CLOSES)
    for _ in range(4):
        late = visitor.post(address(), {**fields, "form_key": new_form_key(OPENS, window.phase_id)})
        assert late.status_code == 403
        assert "1 March 2022, 12:00 UTC" in late.content.decode()
    assert visitor.post(address(), fields).status_code == 303
    clock.set(CLOSES - timedelta(days=1))
    assert visitor.post(address(), fresh(visitor)).status_code == 303
    assert visitor.post(address(), fresh(visitor)).status_code == 429
    assert visitor.post(address(), fields).status_code == 303
    assert counted() == 2
