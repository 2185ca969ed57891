"""The title and the introduction of a published window: translated later, or put right."""

import pytest

from feedback.models import FeedbackWindow
from feedback.services import put_right
from feedback.services.windows import words_seen
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.feedback.pages import address, main_form, parsed

EDIT = "/en/admin/feedback/feedbackwindow/{}/texts/"


def test_a_language_is_added_and_a_slip_corrected_at_once(
    window: FeedbackWindow, client: Client, people: dict[str, User]
) -> None:
    said = labels.stored(window, "title")["en"]
    before = client.get(address("de")).content.decode()
    assert "Ihre Rückmeldung" not in before
    client.force_login(people["coordinator"])
    sheet = client.get(f"/en/admin/feedback/feedbackwindow/{window.pk}/change/").content.decode()
    assert EDIT.format(window.pk) in sheet
    typed = main_form(client, EDIT.format(window.pk))
    sent = {**typed, "title-de": "Ihre Rückmeldung", "title-en": f"{said}, please", "introduction-de": "Zwei Minuten"}
    assert client.post(EDIT.format(window.pk), sent).status_code == 302
    client.logout()
    after = client.get(address("de")).content.decode()
    assert "Ihre Rückmeldung" in after
    assert "Zwei Minuten" in after
    assert f"{said}, please" in client.get(address("en")).content.decode()
    found = [one.details for one in Entry.objects.filter(action="label.of-a-window").order_by("pk")]
    assert {(one["place"], one["language"], one["said"], one["says"]) for one in found} == {
        ("title", "en", said, f"{said}, please"),
        ("title", "de", "", "Ihre Rückmeldung"),
        ("introduction", "de", "", "Zwei Minuten"),
    }


def test_what_somebody_else_stored_meanwhile_is_shown_and_nothing_typed_is_lost(
    window: FeedbackWindow, client: Client, people: dict[str, User]
) -> None:
    client.force_login(people["coordinator"])
    typed = main_form(client, EDIT.format(window.pk))
    titles = {**labels.stored(window, "title"), "de": "Von anderen"}
    put_right(window.pk, titles, {}, seen=words_seen(window), actor=people["coordinator"])
    answer = client.post(EDIT.format(window.pk), {**typed, "title-de": "Von mir"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Von anderen" in shown
    again = parsed(shown).fields
    assert again is not None
    assert again["title-de"] == "Von mir"
    assert client.post(EDIT.format(window.pk), again).status_code == 302
    window.refresh_from_db()
    assert labels.stored(window, "title")["de"] == "Von mir"


def test_it_is_refused_to_others_and_takes_nothing_away(window: FeedbackWindow, people: dict[str, User]) -> None:
    seen, titles = words_seen(window), labels.stored(window, "title")
    with pytest.raises(Refused):
        put_right(window.pk, titles, {}, seen=seen, actor=people["moderator"])
    with pytest.raises(Invalid):
        put_right(window.pk, {**titles, "en": " "}, {}, seen=seen, actor=people["coordinator"])
    with pytest.raises(Invalid):
        put_right(window.pk, {**titles, "de": "x" * 301}, {}, seen=seen, actor=people["coordinator"])
    with pytest.raises(Conflict):
        put_right(window.pk, {**titles, "de": "T"}, {}, seen="other", actor=people["coordinator"])
    assert put_right(window.pk, titles, {}, seen=seen, actor=people["coordinator"]) == 0
    assert not Entry.objects.filter(action="label.of-a-window").exists()
