"""What a translator has typed and not saved: kept by itself, theirs alone, never over what they typed elsewhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries
from proposals.models import Proposal, TranslationDraft, Unit
from proposals.services import Gone, KeptElsewhere, Typed, import_page, lives, save_translation, translate
from proposals.services.keeping import KEPT_FOR, forget_old, keep
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import own_parts
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, Refused
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals.editing import coordinator
from tests.proposals.pages import long_body, page
from tests.proposals.test_translating import AT, ITEM, address, sent, shown_units, unit_with
from tests.proposals.test_translating import _translator as translator_of

ASK = {"Accept": "application/json"}
# As the page says it in German.
KEPT = "noch nicht gespeichert, und nur Sie sehen es"


@pytest.fixture
def translator(text: Proposal) -> User:
    return translator_of("tian@demo.example", "de", "en")


@pytest.fixture
def signed_in(client: Client, translator: User) -> Client:
    client.force_login(translator)
    return client


def kept(text: Proposal, user: User, said: str, draft: str = "", unit: int | None = None) -> TranslationDraft | None:
    typed = Typed(unit or unit_with(ITEM), said, 0, 1, draft=draft)
    return keep(text.pk, "de", typed, editor=user, at=AT)


def field(html: str, name: str = "text") -> str:
    """What a field of the only form with it holds."""
    if name == "text":
        (found,) = re.findall(r"<textarea[^>]*>\n?([^<]*)</textarea>", html)
        return str(found)
    (found,) = re.findall(rf'<input type="hidden" name="{name}"(?: value="([^"]*)")?', html)
    return str(found)


# --- kept ------------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_kept_shown_again_and_taken_over(signed_in: Client, text: Proposal, translator: User) -> None:
    """By a button, on any device; saving it is done with it. It is in no percent and in no list of what is done."""
    unit = unit_with(ITEM)
    response = signed_in.post(address(unit=unit), sent("Half a", action="keep", show="todo"))
    assert response.status_code == 303
    assert TranslationDraft.objects.get().kept_at <= app_now()
    other = Client()
    other.force_login(translator)
    made = other.get(address(unit=unit)).content.decode()
    assert field(made) == "Half a"
    assert KEPT in made
    assert queries.percent(text)["de"] == 0
    assert shown_units(other.get(f"{address()}?show=kept").content.decode()) == [unit]
    assert unit in shown_units(other.get(address()).content.decode())
    fields = {name: field(made, name) for name in ("version", "source_version", "draft")}
    assert other.post(address(unit=unit), {**sent("Half a text"), **fields}).status_code == 303
    assert not TranslationDraft.objects.exists()
    assert "show=kept" not in other.get(address()).content.decode()


def test_theirs_alone(signed_in: Client, text: Proposal, translator: User, client: Client) -> None:
    """Another translator of the same language sees nothing of it, nor do readers, staff and revisions."""
    kept(text, translator, "Geheimes")
    other = translator_of("other@demo.example", "de")
    client.force_login(other)
    for tail in ("?show=all", "?show=kept"):
        assert "Geheimes" not in client.get(f"{address()}{tail}").content.decode()
    for path in ("", "history/", "r/1/"):
        assert "Geheimes" not in Client().get(f"/de/tf/sample/proposals/proposal/{path}").content.decode()
    assert kept(text, other, "Eigenes")
    assert TranslationDraft.objects.count() == 2
    (own,) = dict(own_parts(translator))["translation-drafts"]
    assert (own["text"], own["language"]) == ("Geheimes", "de")


def test_by_the_script(signed_in: Client, text: Proposal) -> None:
    """Each answer has the token for the next; the same text twice is once; what says nothing new is not kept."""
    unit = unit_with(ITEM)

    def ask(said: str, draft: str) -> dict[str, Any]:
        answer = signed_in.post(address(unit=unit), sent(said, draft=draft, action="keep"), headers=ASK)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    first = ask("Eins", "")
    assert KEPT in first["kept"]
    assert ask("Eins", "")["draft"] == first["draft"]
    second = ask("Eins zwei", first["draft"])
    assert second["draft"] not in ("", first["draft"])
    assert ask(" \u200b", second["draft"]) == {"draft": "", "kept": "", "told": first["told"] and ask("", "")["told"]}
    assert not TranslationDraft.objects.exists()


@pytest.mark.long
def test_never_over_what_was_kept_elsewhere(signed_in: Client, text: Proposal, translator: User) -> None:
    """409 with both texts and the token of what is there, for a script too; to keep it then is a choice."""
    unit = unit_with(ITEM)
    first = kept(text, translator, "Hier")
    assert first
    there = kept(text, translator, "Dort", draft=first.token)
    assert there
    with pytest.raises(KeptElsewhere):
        kept(text, translator, "Hier weiter", draft=first.token)
    stale = sent("Hier weiter", draft=first.token, action="keep")
    made = signed_in.post(address(unit=unit), stale)
    html = made.content.decode()
    assert made.status_code == 409
    assert field(html) == "Hier weiter"
    assert "Dort</pre>" in html
    assert field(html, "draft") == there.token
    answer = signed_in.post(address(unit=unit), stale, headers=ASK)
    assert (answer.status_code, answer.json()["elsewhere"]) == (409, "Dort")
    assert TranslationDraft.objects.get().text == "Dort"
    assert signed_in.post(address(unit=unit), {**stale, "draft": there.token}, headers=ASK).status_code == 200
    assert TranslationDraft.objects.get().text == "Hier weiter"


def test_saving_leaves_what_another_tab_has_kept(text: Proposal, translator: User) -> None:
    """Unless it says the same."""
    unit = unit_with(ITEM)
    for said, is_left in (("Etwas anderes", True), ("Gespeichert ", False)):
        draft = TranslationDraft.objects.first()
        kept(text, translator, said, draft=draft.token if draft else "")
        translate(text.pk, "de", Typed(unit, "Gespeichert", 1 if draft else 0, 1), editor=translator, at=AT)
        assert TranslationDraft.objects.exists() is is_left


def test_discarded(signed_in: Client, text: Proposal, translator: User) -> None:
    """What is saved stands there again; something else than what was shown is not thrown away; twice is once."""
    unit = unit_with(ITEM)
    save_translation(unit, "de", "Gespeichert", editor=translator, at=AT)
    draft = kept(text, translator, "Halb")
    assert draft
    assert signed_in.post(address(unit=unit), {"action": "discard", "draft": "other"}).status_code == 409
    assert TranslationDraft.objects.exists()
    form = {"action": "discard", "draft": draft.token}
    answer = signed_in.post(address(unit=unit), form, headers=ASK)
    assert field(answer.json()["unit"]) == "Gespeichert"
    assert signed_in.post(address(unit=unit), form).status_code == 303
    assert not TranslationDraft.objects.exists()


# --- meanwhile -------------------------------------------------------------------------------------------------------


def test_somebody_else_has_saved_meanwhile(signed_in: Client, text: Proposal, translator: User) -> None:
    """Whoever comes back sees both texts at once; what is saved already is no conflict."""
    unit = unit_with(ITEM)
    kept(text, translator, "Meins")
    save_translation(unit, "de", "Deren", editor=translator_of("other@demo.example", "de"), at=AT)
    made = signed_in.get(address(unit=unit)).content.decode()
    assert field(made) == "Meins"
    assert "Deren</pre>" in made
    assert "cdx-message--warning" in made
    assert field(made, "version") == "1"


def test_the_source_has_changed_meanwhile(signed_in: Client, text: Proposal, translator: User) -> None:
    """What changed since it was kept stands beside it."""
    unit = unit_with(ITEM)
    kept(text, translator, "Halb")
    save_translation(unit, "en", "Write a good definition", editor=translator, at=AT)
    made = signed_in.get(address(unit=unit)).content.decode()
    assert re.search(r'<ins class="pt-diff__added">.*good', made)
    assert field(made, "source_version") == "2"


def test_the_paragraph_was_taken_out(signed_in: Client, text: Proposal, translator: User) -> None:
    """Nothing more is kept of it; what was kept is there to be copied and discarded."""
    unit = unit_with(ITEM)
    draft = kept(text, translator, "Halb")
    assert draft
    Unit.objects.filter(pk=unit).update(removed_in=2)
    with pytest.raises(Gone):
        kept(text, translator, "Ganz", draft=draft.token, unit=unit)
    assert signed_in.post(address(unit=unit), sent("Ganz", draft=draft.token, action="keep")).status_code == 409
    made = signed_in.get(address()).content.decode()
    assert "Halb</pre>" in made
    form = {"action": "discard", "draft": draft.token, "language": "de"}
    assert signed_in.post(address(unit=unit), form).status_code == 303
    assert not TranslationDraft.objects.exists()


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"text": "x" * 2_000_000}, 400),
        ({"text": "[" * 20_000}, 200),
        ({"text": "a\x00b\u202e<script>"}, 400),
        ({"draft": "x" * 100}, 400),
        ({"version": "x"}, 400),
        ({"language": "ar"}, 400),
    ],
)
def test_hostile(signed_in: Client, text: Proposal, change: dict[str, Any], status: int) -> None:
    """Told, and nothing is kept of what could not be saved either."""
    form = {**sent("Halb", action="keep"), **change}
    assert signed_in.post(address(unit=unit_with(ITEM)), form, headers=ASK).status_code == status
    assert TranslationDraft.objects.exists() is (status == 200)


def test_who_may_not(text: Proposal, translator: User) -> None:
    """By their roles now; not into the source's own language, nor into none of the portal's."""
    unit = unit_with(ITEM)
    for code in ("ar", "xx"):
        with pytest.raises((Refused, Invalid)):
            keep(text.pk, code, Typed(unit, "x", 0, 1), editor=translator, at=AT)
    with pytest.raises(Invalid):
        keep(text.pk, "en", Typed(unit, "x", 0, 1), editor=translator, at=AT)
    RoleGrant.objects.all().delete()
    with pytest.raises(Refused):
        kept(text, translator, "x")


@pytest.mark.parametrize("is_over", [False, True])
def test_who_may_not_any_more_discards_their_own(
    signed_in: Client, text: Proposal, translator: User, is_over: bool
) -> None:
    """The page that tells them so shows what is kept, with its button; nobody else's goes by it."""
    draft, other = kept(text, translator, "Halb"), kept(text, translator_of("other@demo.example", "de"), "Ihres")
    assert draft
    assert other
    if is_over:
        lives.withdraw(text.pk, reasons={"en": "over"}, editor=coordinator(text), at=AT)
    else:
        RoleGrant.objects.all().delete()
    made = signed_in.get(address())
    assert made.status_code == (200 if is_over else 403)
    assert "Halb</pre>" in made.content.decode()
    assert "Ihres" not in made.content.decode()
    assert 'value="discard"' in made.content.decode()
    unit = draft.unit_id
    other_shown = signed_in.post(address(unit=unit), {"action": "discard", "draft": "other"})
    assert other_shown.status_code == 403
    assert "Halb</pre>" in other_shown.content.decode()
    assert signed_in.post(address(unit=unit), {"action": "discard", "draft": draft.token}).status_code == 303
    assert list(TranslationDraft.objects.all()) == [other]
    assert 'value="discard"' not in signed_in.get(address()).content.decode()


def test_it_ends_half_a_year_after_the_last_word(text: Proposal, translator: User) -> None:
    """As the page about personal data says."""
    kept(text, translator, "Halb")
    assert forget_old(AT + KEPT_FOR) == 0
    assert TranslationDraft.objects.exists()
    assert forget_old(AT + KEPT_FOR + timedelta(seconds=1)) == 1
    assert not TranslationDraft.objects.exists()


@pytest.mark.long
def test_the_same_number_of_queries_whatever_is_kept(client: Client, clock: Clock) -> None:
    """With nothing kept, and with every paragraph."""
    text = import_page(page(long_body(40)), task_force="size", at=AT).proposal
    user = translator_of("t@demo.example", "de")
    client.force_login(user)
    url = "/de/tf/size/proposals/proposal/translate/"
    counts = []
    for is_kept in (False, True):
        for unit in queries.live_units(text) if is_kept else []:
            kept(text, user, "Halb", unit=unit.pk)
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            made = client.get(url).content.decode()
        counts.append(len(found))
    assert made.count(KEPT) == 25
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as found:
        client.post(
            f"{url}{unit.pk}/",
            sent("Mehr", draft=TranslationDraft.objects.get(unit=unit).token, action="keep"),
            headers=ASK,
        )
    # The session, the person and their roles among them.
    assert len(found) <= 18
