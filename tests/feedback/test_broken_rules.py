"""What is hidden breaks a rule that everybody reads in its place, and its author beside the text."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from feedback import services
from feedback.enums import BrokenRule
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, filled, parsed
from tests.feedback.test_items import read, say

SENTENCE = "It attacks a person or a group"


def hide(item: FeedbackItem, actor: User, rule: str = "attack") -> FeedbackItem:
    return services.moderate(item.pk, "hide", reason="Look at line two.", rule=rule, actor=actor, at=OPENS)


def test_in_its_place_stands_the_rule_with_the_reason(window: FeedbackWindow, people: dict[str, User]) -> None:
    """In the reader's language, and never who decided."""
    item = say(window, "Bad words.")
    hide(item, people["moderator"])
    made = read(item)
    assert SENTENCE in made
    assert "Look at line two." in made
    assert "Bad words." not in made
    assert SENTENCE not in read(item, "zh-hant")
    assert "Look at line two." in read(item, "zh-hant")
    assert "moderator" not in made.lower()
    entry = Entry.objects.get(action="feedback.hide")
    assert (entry.reason, entry.details["rule"]) == ("Look at line two.", "attack")


def test_its_author_reads_the_rule_beside_the_text(
    window: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    own = visitor.post(address(), filled(visitor, visibility="staff")).headers["Location"]
    hide(FeedbackItem.objects.get(), people["moderator"])
    made = visitor.get(own).content.decode()
    assert "Your text was hidden" in made
    assert SENTENCE in made
    assert "Leaders grow where they are trusted." in made


def test_no_rule_stays_with_what_is_not_hidden(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Once it is published again; withdrawn it keeps it. Who decided last is known."""
    item = hide(say(window, "Words."), people["moderator"])
    assert (item.rule, item.moderator_id) == ("attack", people["moderator"].pk)
    item = services.moderate(item.pk, "publish", reason="Fine.", actor=people["deputy"], at=OPENS)
    assert (item.rule, item.moderator_id) == ("", people["deputy"].pk)
    hide(item, people["moderator"])
    item = services.withdraw(item.pk, at=OPENS)
    assert (item.rule, item.moderator_id) == ("attack", None)


@pytest.mark.parametrize(
    "row",
    [{"state": "hidden", "rule": ""}, {"state": "hidden", "rule": "rudeness"}, {"state": "published", "rule": "other"}],
)
def test_the_database_holds_to_it(window: FeedbackWindow, row: dict[str, str]) -> None:
    item = say(window, "Words.")
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackItem.objects.filter(pk=item.pk).update(**row)


def test_the_page_asks_for_one_of_the_two(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Each rule can be chosen; what was typed stays where something is missing or does not go together."""
    item = say(window, "Words.")
    staff = Client()
    staff.force_login(people["moderator"])
    path = f"/en/admin/feedback/feedbackitem/{item.pk}/decide/"
    form = parsed(staff.get(path).content.decode())
    assert form.radios["rule"] == ["", *BrokenRule.values]
    fields = {**(form.fields or {}), "reason": "My long reason."}
    assert fields["rule"] == ""
    for given, missing in (
        ({"action": "hide"}, "Please say which rule it breaks"),
        ({"action": "publish", "rule": "attack"}, "but also to publish it"),
        ({"action": "hide", "rule": "rudeness"}, "Please choose one of the answers given here."),
    ):
        made = staff.post(path, {**fields, **given}).content.decode()
        assert missing in made
        assert "My long reason." in made
    assert staff.post(path, {**fields, "action": "hide", "rule": "private"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.rule, item.state_reason) == ("hidden", "private", "My long reason.")


def test_what_was_hidden_before_rules_had_names_broke_another_one(window: FeedbackWindow) -> None:
    """The migration; the constraint, which it adds afterwards, is away meanwhile."""
    item = say(window, "Words.")
    table = FeedbackItem._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT hidden_for_a_rule")
    FeedbackItem.objects.filter(pk=item.pk).update(state="hidden")
    import_module("feedback.migrations.0012_moderating").name_a_rule(apps, None)
    item.refresh_from_db()
    assert item.rule == "other"


DATA = "/open-data/leadership-development/hidden."
_SHOWN: list[dict[str, Any]] = [{}, {}, {"visibility": "staff"}, {"suspected": True}, {}, {}]


def test_open_data_say_which_rule_was_broken_and_nothing_of_what_was_said(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    """Of what everybody could read once: of the rest the counts alone. In agreement with the page of the text."""
    clock.set(OPENS)
    shown, gone, staff, held, back, left = (
        say(window, f"Private words {number}.", name="Amani", **more) for number, more in enumerate(_SHOWN)
    )
    for item, rule in ((shown, "attack"), (gone, "other"), (staff, "attack"), (held, "attack"), (back, "attack")):
        hide(item, people["moderator"], rule)
    services.withdraw(gone.pk, at=OPENS + timedelta(days=3))
    services.withdraw(left.pk, at=OPENS)
    services.moderate(back.pk, "publish", reason="Fine.", actor=people["deputy"], at=OPENS)
    response = Client().get(f"{DATA}json")
    assert sorted(response.json(), key=lambda row: str(row["rule"])) == [
        {"window": "responsibilities", "reference": shown.reference, "state": "hidden", "rule": "attack",
         "on": "2022-02-01"},
        {"window": "responsibilities", "reference": gone.reference, "state": "withdrawn", "rule": "other",
         "on": "2022-02-04"},
    ]  # fmt: skip
    table = Client().get(f"{DATA}csv")
    for words in ("Private words", "Amani", "Look at line two", "moderator"):
        assert words not in response.content.decode() + table.content.decode(), words
    assert len(table.content.decode().splitlines()) == 3
    for row in response.json():
        assert (
            str(BrokenRule(row["rule"]).label) in Client().get(f"{address()}items/{row['reference']}/").content.decode()
        )
    assert Client().get(f"{DATA}json", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert f'href="{DATA}json"' in Client().get(f"{address()}moderation/").content.decode()
    FeedbackWindow.objects.update(published_at=None)
    assert Client().get(f"{DATA}json").json() == []
    assert Client().get("/open-data/nobody/hidden.json").status_code == 404


def test_a_reply_that_was_hidden_is_in_them_as_long_as_what_it_is_to_stands(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    clock.set(OPENS)
    item = say(window, "Words.")
    reply = FeedbackReply.objects.create(
        item=item, reference="R-ABCD-EFGH", language="en", text="Bad.", state="hidden", state_at=OPENS, rule="attack",
        state_reason="Why.", was_public=True, received_at=OPENS, form_key="k", fields_digest="d",
        author=people["member"],
    )  # fmt: skip
    assert [row["reference"] for row in Client().get(f"{DATA}json").json()] == [reply.reference]
    services.withdraw(item.pk, at=OPENS)
    assert Client().get(f"{DATA}json").json() == []
