"""What became of each text, in the list of them: what stands beside the item is what its dispositions say."""

import random
import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import answering, services
from feedback.models import Disposition, FeedbackItem, FeedbackWindow
from feedback.services import standing
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from tests.clients import Client
from tests.feedback.pages import address
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import listed, page, say


def became(item: FeedbackItem, language: str = "en") -> str:
    """What the list says became of an item, in words; "" for nothing."""
    found = re.search(rf'<article class="pt-said" id="{item.reference}".*?</article>', page("", language), re.DOTALL)
    assert found
    line = re.search(r'<p class="pt-said__became">(.*?)</p>', found[0], re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", line[1])) if line else ""


def kept() -> list[tuple[int | None, str, int | None]]:
    """What stands beside all items."""
    return list(FeedbackItem.objects.order_by("pk").values_list("standing", "became", "became_in"))


def true() -> list[tuple[int | None, str, int | None]]:
    """What their dispositions say."""
    found = answering.answers_of(FeedbackItem.objects.order_by("pk"))
    held = [found[pk].holding for pk in sorted(found)]
    return [
        (one.pk, one.outcome, one.revision.number if one.revision else None) if one else (None, "", None)
        for one in held
    ]


def test_the_list_says_what_became_of_each(window: FeedbackWindow, lead: User, second: Revision) -> None:
    own, partly, shared, open_, drafted = (say(window, f"Words {number}.") for number in range(5))
    trust = theme(window, lead)
    put(window, lead, trust, shared)
    draft(window, lead, own, wanted=Wanted("adopted", 2, {"en": "Yes."}))
    draft(window, lead, partly, wanted=Wanted("partly", 2, {"en": "A part."}))
    draft_for(window, lead, trust)
    assert [became(one) for one in (own, partly, shared)] == ["", "", ""], "nothing is public yet"
    release(window, lead)
    draft(window, lead, drafted)
    assert became(own).startswith(f"Adopted in revision 2 · What became of it ({own.reference})")
    assert became(partly).startswith("Adopted in part in revision 2 ·")
    assert became(shared).startswith("Noted ·")
    assert became(shared).endswith("Answered together with what others said on: Trust")
    assert [became(open_), became(drafted)] == ["", ""]
    html = page()
    assert f'href="{address()}items/{own.reference}/#became"' in html
    assert f'href="{address()}themes/#theme-{trust.pk}"' in html
    assert "/proposals/proposal/r/2/" in html
    for item, outcome in ((own, "adopted"), (partly, "partly"), (shared, "noted")):
        assert listed(f"?disposition={outcome}") == [item.reference]
    assert set(listed("?disposition=none")) == {open_.reference, drafted.reference}
    assert set(listed("?revision=2")) == {own.reference, partly.reference}
    FeedbackItem.objects.filter(pk=own.pk).update(edited_at=AT + timedelta(hours=1))
    assert became(own).endswith("The text was changed after it was answered.")
    assert became(own, "zh-hant") != ""


def test_what_is_put_back_has_the_answer_that_was_given_meanwhile(
    window: FeedbackWindow, lead: User, people: dict[str, User]
) -> None:
    item, trust = say(window, "First."), theme(window, lead)
    put(window, lead, trust, item)
    services.moderate(item.pk, "hide", reason="R.", rule="other", actor=people["moderator"], at=AT)
    draft_for(window, lead, trust)
    release(window, lead)
    services.moderate(item.pk, "publish", reason="R.", actor=people["moderator"], at=AT)
    assert became(item).startswith("Noted ·")
    assert kept() == true()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_what_stands_beside_them_is_true(
    window: FeedbackWindow, lead: User, people: dict[str, User], second: Revision, seed: int
) -> None:
    """Sorting, answering, correcting, hiding and putting back, in any order."""
    by_chance = random.Random(seed)
    items, themes = [say(window, f"Words {number}.") for number in range(6)], [theme(window, lead, t) for t in "AB"]
    hidden: set[int] = set()
    for step in range(40):
        item = by_chance.choice(items)
        wanted = by_chance.choice([Wanted("noted", None, {"en": "N."}), Wanted("adopted", 2, {"en": "Y."})])
        match by_chance.randrange(5):
            case 0 if item.pk not in hidden:
                # What everybody reads does not go with its theme.
                with suppress(Invalid):
                    put(window, lead, by_chance.choice([*themes, None]), item)
            case 1 if item.pk not in hidden:
                draft(window, lead, item, wanted=wanted)
            case 2:
                draft_for(window, lead, by_chance.choice(themes), wanted)
            case 3:
                act = "publish" if item.pk in hidden else "hide"
                rule = "" if act == "publish" else "other"
                services.moderate(item.pk, act, reason="R.", rule=rule, actor=people["moderator"], at=AT)
                hidden ^= {item.pk}
            case _ if answering.ready(window).answers:
                release(window, lead)
        assert kept() == true(), (seed, step)


def test_the_test_sees_what_is_not_kept(window: FeedbackWindow, lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
    item = say(window, "First.")
    draft(window, lead, item)
    monkeypatch.setattr(standing, "keep", lambda ids: None)
    release(window, lead)
    assert kept() != true()
    monkeypatch.undo()
    standing.keep([item.pk])
    assert kept() == true()


def test_nothing_is_written_where_nothing_changes(window: FeedbackWindow, lead: User) -> None:
    """Else whoever follows open data would see that something is sorted that nobody answers yet."""
    item, trust = say(window, "First."), theme(window, lead)

    def written() -> list[tuple[str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text FROM feedback_feedbackitem")
            return list(cursor.fetchall())

    before = written()
    put(window, lead, trust, item)
    assert written() == before
    draft_for(window, lead, trust)
    release(window, lead)
    assert written() != before


def test_the_list_asks_no_more_than_before(window: FeedbackWindow, lead: User, second: Revision) -> None:
    items = [say(window, f"Words {number}.") for number in range(4)]
    trust = theme(window, lead)
    put(window, lead, trust, *items[:2])
    asked = []
    for answered in (False, True):
        if answered:
            draft_for(window, lead, trust)
            draft(window, lead, items[3], wanted=Wanted("adopted", 2, {"en": "Yes."}))
            release(window, lead)
            assert Disposition.objects.filter(stands=True).count() == 2
        with CaptureQueriesContext(connection) as queries:
            Client().get(f"{address('zh-hant')}items/?q=words")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 8
