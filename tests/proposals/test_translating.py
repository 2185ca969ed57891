"""The work page of a translation: what there is to do, saving a unit, two people at one unit, who may."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries
from proposals.models import Proposal, Revision, RevisionContent, Unit, UnitText
from proposals.services import Gone, Overtaken, Typed, import_page, save_translation, translate
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.errors import Invalid, Refused
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals.conftest import T
from tests.proposals.pages import long_body, page

AT = utc(2022, 2, 6, 9, 30)
HEADING, ITEM = "摘要", "Write a definition"


def _translator(email: str, *codes: str) -> User:
    user = create_account(email, at=AT, name=email.partition("@")[0], password="demo")
    for code in codes:
        grant_role(user, Role.TRANSLATOR, at=AT, actor_id=None, language=code)
    return user


@pytest.fixture
def translator(text: Proposal) -> User:
    return _translator("tian@demo.example", "de", "en")


@pytest.fixture
def signed_in(client: Client, translator: User) -> Client:
    client.force_login(translator)
    return client


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


def address(language: str = "de", unit: int | None = None) -> str:
    tail = f"{unit}/" if unit else ""
    return f"/{language}/tf/{T}/proposals/proposal/translate/{tail}"


def sent(text: str, version: int = 0, source_version: int = 1, language: str = "de", **more: Any) -> dict[str, Any]:
    return {"text": text, "version": version, "source_version": source_version, "language": language, **more}


def shown_units(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<article[^>]* data-unit="(\d+)"', html)]


def stored(unit: int, language: str = "de") -> str:
    return UnitText.objects.get(unit=unit, language=language).text


# --- what there is to do ---------------------------------------------------------------------------------------------


def test_from_nothing_to_all(signed_in: Client, text: Proposal, translator: User) -> None:
    """Each unit once, each a revision that names it; the percent goes from 0 to 100, and nothing is left to do."""
    made = signed_in.get(address()).content.decode()
    units = shown_units(made)
    assert units == [unit.pk for unit in queries.live_units(text)]
    assert 'value="0" max="100"' in made
    for number, unit in enumerate(units, start=1):
        assert queries.percent(text)["de"] == (number - 1) * 100 // len(units)
        response = signed_in.post(address(unit=unit), sent(f"Text {number}", show="todo", action="next"))
        assert response.status_code == 303
    assert queries.percent(text)["de"] == 100
    done = signed_in.get(address()).content.decode()
    assert shown_units(done) == []
    assert "pt-empty" in done
    assert "cdx-message--success" in done
    last = Revision.objects.order_by("-number")[0]
    assert (last.number, last.language, last.editor_id) == (len(units) + 1, "de", translator.pk)
    summaries = list(Revision.objects.filter(number__gt=1).values_list("summary", flat=True))
    assert len(set(summaries)) == len(units)
    assert any(ITEM in summary for summary in summaries)


def test_the_next_one_follows(signed_in: Client, text: Proposal) -> None:
    """In reading order, past those that are done; without "next" one stays."""
    first, second, third = [unit.pk for unit in queries.live_units(text)][:3]
    save_translation(second, "de", "Fertig", editor=User.objects.get(), at=AT)
    response = signed_in.post(address(unit=first), sent("Eins", show="missing", action="next"))
    assert response["Location"] == f"{address()}?show=missing&unit={third}&saved={first}#u{third}"
    response = signed_in.post(address(unit=third), sent("Drei", show="missing", action="save"))
    assert response["Location"].endswith(f"?show=missing&unit={third}&saved={third}#u{third}")
    assert third in shown_units(signed_in.get(response["Location"]).content.decode())


def test_a_changed_source_makes_just_its_unit_outdated(signed_in: Client, text: Proposal, translator: User) -> None:
    """With what changed since; saving the translation again brings it up to date."""
    unit, other = unit_with(ITEM), unit_with("Draft a plan")
    for each in (unit, other):
        signed_in.post(address(unit=each), sent("Übersetzt"))
    save_translation(unit, "en", "Write a good definition", editor=translator, at=AT)
    made = signed_in.get(f"{address()}?show=outdated").content.decode()
    assert shown_units(made) == [unit]
    assert re.search(r'<ins class="pt-diff__added">.*good', made)
    response = signed_in.post(address(unit=unit), sent("Übersetzt", version=1, source_version=2))
    assert response.status_code == 303
    assert shown_units(signed_in.get(f"{address()}?show=outdated").content.decode()) == []


def test_who_translates_while_the_source_changes(signed_in: Client, text: Proposal, translator: User) -> None:
    """What they typed is saved, as made from what they saw: outdated at once."""
    unit = unit_with(ITEM)
    save_translation(unit, "en", "Write a good definition", editor=translator, at=AT)
    assert signed_in.post(address(unit=unit), sent("Definieren", source_version=1)).status_code == 303
    row = UnitText.objects.get(unit=unit, language="de")
    assert (row.text, row.source_version) == ("Definieren", 1)
    assert shown_units(signed_in.get(f"{address()}?show=outdated").content.decode()) == [unit]


def test_what_is_written_in_the_language_has_no_form(signed_in: Client, text: Proposal) -> None:
    """Nobody changes the source by translating."""
    unit = unit_with(ITEM)
    made = signed_in.get(f"{address('en')}?show=all").content.decode()
    assert unit in shown_units(made)
    assert f"/translate/{unit}/" not in made
    response = signed_in.post(address("en", unit), sent("Other", language="en"))
    assert response.status_code == 400
    assert "Other" in response.content.decode()
    assert stored(unit, "en") == ITEM


# --- two people ------------------------------------------------------------------------------------------------------


def test_over_somebody_elses_text(signed_in: Client, text: Proposal) -> None:
    """409 with both texts; nothing is overwritten, and what was typed is saved by sending it again."""
    unit = unit_with(ITEM)
    save_translation(unit, "de", "Deren Text", editor=_translator("other@demo.example", "de"), at=AT)
    response = signed_in.post(address(unit=unit), sent("Mein Text", version=0))
    made = response.content.decode()
    assert response.status_code == 409
    assert "Deren Text" in made
    assert re.search(r"<textarea[^>]*>\s*Mein Text</textarea>", made)
    assert stored(unit) == "Deren Text"
    assert re.search(r'name="version" value="1"', made)
    assert signed_in.post(address(unit=unit), sent("Mein Text", version=1)).status_code == 303
    assert stored(unit) == "Mein Text"


def test_the_same_words_are_no_conflict(text: Proposal, translator: User) -> None:
    """An answer that got lost is sent again: saved once."""
    typed = Typed(unit_with(ITEM), "Definieren", 0, 1)
    assert translate(text.pk, "de", typed, editor=translator, at=AT) is not None
    assert translate(text.pk, "de", typed, editor=translator, at=AT) is None
    with pytest.raises(Overtaken):
        translate(text.pk, "de", Typed(typed.unit_id, "Anders", 0, 1), editor=translator, at=AT)


def test_an_older_page_takes_back_nobodys_confirmation(text: Proposal, translator: User) -> None:
    """Its words stand there already, confirmed for a later source than it shows."""
    unit = unit_with(ITEM)
    other = _translator("other@demo.example", "de")
    translate(text.pk, "de", Typed(unit, "Definieren", 0, 1), editor=translator, at=AT)
    save_translation(unit, "en", f"{ITEM} now", editor=other, at=AT)
    assert translate(text.pk, "de", Typed(unit, "Definieren", 1, 2), editor=other, at=AT) is not None
    row = UnitText.objects.get(unit=unit, language="de")
    assert translate(text.pk, "de", Typed(unit, "Definieren", 1, 1), editor=translator, at=AT) is None
    now = UnitText.objects.get(unit=unit, language="de")
    assert (now.source_version, now.version, now.confirmer_id) == (2, row.version, other.pk)
    # Who is behind still confirms what they have seen.
    save_translation(unit, "en", f"{ITEM} soon", editor=other, at=AT)
    save_translation(unit, "en", f"{ITEM} then", editor=other, at=AT)
    assert translate(text.pk, "de", Typed(unit, "Definieren", now.version, 3), editor=translator, at=AT) is not None
    now.refresh_from_db()
    assert (now.source_version, now.confirmer_id) == (3, translator.pk)


def test_an_earlier_source_is_read_from_the_revision_that_wrote_it(text: Proposal, translator: User) -> None:
    """From no other one, however many there are: those are damaged here, and nobody notices."""
    unit = unit_with(ITEM)
    save_translation(unit, "en", f"{ITEM} now", editor=translator, at=AT)
    for number in (3, 4):
        act = Revision.objects.create(proposal=text, number=number, language="en", editor_name="A", at=AT)
        RevisionContent.objects.create(revision=act, language="en", units={}, sha256="x")
    assert queries.earlier_texts(text, [(unit, "en", 1)]) == {unit: ITEM}
    assert queries.earlier_texts(text, [(unit, "en", 2)]) == {unit: f"{ITEM} now"}
    assert queries.earlier_texts(text, [(unit, "en", 3), (unit + 1, "de", 1)]) == {}


def test_script_gets_pieces_of_the_page(signed_in: Client, text: Proposal) -> None:
    """The unit, the progress and the next one; after a conflict the unit with both texts."""
    unit = unit_with(ITEM)
    ask = {"Accept": "application/json"}
    answer = signed_in.post(address(unit=unit), sent("Definieren", show="todo", action="next"), headers=ask)
    said = answer.json()
    assert (answer.status_code, said["next"]) == (200, unit_with("Draft a plan"))
    assert 'data-unit="' in said["unit"]
    assert "Definieren" in said["unit"]
    assert 'value="10" max="100"' in said["progress"]
    answer = signed_in.post(address(unit=unit), sent("Anders", version=0), headers=ask)
    assert answer.status_code == 409
    assert "Definieren" in answer.json()["unit"]
    assert "Anders" in answer.json()["unit"]


def _unlocked(text: Proposal, unit: int, said: str, together: Barrier) -> object:
    """The same steps without holding the text: what the next test must be able to catch."""
    row = UnitText.objects.filter(unit=unit, language="de").first()
    together.wait(20)
    if row is not None:
        raise Overtaken("theirs")
    return UnitText.objects.update_or_create(unit_id=unit, language="de", defaults={"text": said, "html": said})


def _locked(text: Proposal, unit: int, said: str, together: Barrier) -> object:
    """The service as it is."""
    editor = User.objects.get(email=f"{said}@demo.example")
    together.wait(20)
    return translate(text.pk, "de", Typed(unit, said, 0, 1), editor=editor, at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("save", "refused"), [(_locked, 1), (_unlocked, 0)], ids=["service", "twin"])
def test_two_people_at_one_paragraph(save: Callable[..., object], refused: int) -> None:
    """From the same version at the same moment: one is saved, the other is told and sees both texts."""
    text = import_page(page(), task_force=T, at=AT).proposal
    unit, names = unit_with(ITEM), ("eins", "zwei")
    for name in names:
        _translator(f"{name}@demo.example", "de")
    together = Barrier(2)

    def one(said: str) -> type[BaseException] | None:
        try:
            save(text, unit, said, together)
        except Overtaken as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(one, names))
    assert outcomes.count(Overtaken) == refused
    if not refused:
        return
    won, lost = sorted(names, key=lambda said: outcomes[names.index(said)] is not None)
    assert stored(unit) == won
    assert Revision.objects.filter(language="de").count() == 1
    client = Client()
    client.force_login(User.objects.get(email=f"{lost}@demo.example"))
    response = client.post(address(unit=unit), sent(lost))
    assert response.status_code == 409
    assert f"{won}</pre>" in response.content.decode()
    assert lost in response.content.decode()


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_unit_that_has_gone(signed_in: Client, text: Proposal, translator: User) -> None:
    """409, and what was typed is there to be copied; what never was is 404."""
    unit = unit_with(ITEM)
    Unit.objects.filter(pk=unit).update(removed_in=2)
    response = signed_in.post(address(unit=unit), sent("Definieren"))
    assert response.status_code == 409
    assert "Definieren" in response.content.decode()
    with pytest.raises(Gone):
        translate(text.pk, "de", Typed(unit, "x", 0, 1), editor=translator, at=AT)
    for number in (unit + 1_000_000, 2**63, 10**30):
        assert signed_in.post(address(unit=number), sent("x")).status_code == 404
    assert signed_in.get(f"/xx/tf/{T}/proposals/proposal/translate/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("x" * 2_000_000, 400),
        ("[" * 20_000, 303),
        ("a\x00b", 400),
        (" \u200b ", 400),
        ("<script>alert(1)</script>[x](javascript:alert(1))", 303),
        ("\u202eabc", 303),
    ],
)
def test_hostile_text(signed_in: Client, text: Proposal, typed: str, status: int) -> None:
    """A clear error with the text still there, or harmless text; soon."""
    unit = unit_with(ITEM)
    begun = time.process_time()
    response = signed_in.post(address(unit=unit), sent(typed))
    # On a quiet machine a quarter of a second.
    assert time.process_time() - begun < 2
    assert response.status_code == status
    if not typed.strip(" \u200b"):
        assert "pt-error-summary" in response.content.decode()
    if status == 303:
        html = UnitText.objects.get(unit=unit, language="de").html
        assert "<script" not in html
        assert "href" not in html


def test_surrogates(text: Proposal, translator: User) -> None:
    """They cannot be stored; the rest is."""
    translate(text.pk, "de", Typed(unit_with(ITEM), "a\ud800b", 0, 1), editor=translator, at=AT)
    assert stored(unit_with(ITEM)) == "a?b"


@pytest.mark.parametrize("change", [{"version": "x"}, {"version": -1}, {"source_version": ""}, {"language": "ar"}])
def test_a_damaged_form(signed_in: Client, text: Proposal, change: dict[str, Any]) -> None:
    """400, and what was typed is still there."""
    response = signed_in.post(address(unit=unit_with(ITEM)), sent("Definieren") | change)
    assert response.status_code == 400
    assert "Definieren" in response.content.decode()
    assert not UnitText.objects.filter(language="de").exists()


# --- who may ---------------------------------------------------------------------------------------------------------


def test_without_the_role(client: Client, text: Proposal) -> None:
    """403: into which language, whom to ask, what was typed; the service refuses too."""
    other = _translator("other@demo.example", "fr")
    client.force_login(other)
    for response in (client.get(address()), client.post(address(unit=unit_with(ITEM)), sent("Definieren"))):
        made = response.content.decode()
        assert response.status_code == 403
        assert "mailto:" in made
        assert f"/fr/tf/{T}/proposals/proposal/translate/" in made
    assert "Definieren" in made
    with pytest.raises(Refused):
        translate(text.pk, "de", Typed(unit_with(ITEM), "x", 0, 1), editor=other, at=AT)
    assert translate(text.pk, "fr", Typed(unit_with(ITEM), "x", 0, 1), editor=other, at=AT)


def test_whose_sign_in_had_ended(signed_in: Client, text: Proposal, translator: User) -> None:
    """They sign in and find what they typed in its form."""
    unit = unit_with(ITEM)
    made = signed_in.get(address()).content.decode()
    owner = re.search(r'name="owner" value="([^"]+)"', made)
    assert owner
    signed_in.logout()
    assert signed_in.get(address()).status_code == 302
    response = signed_in.post(address(unit=unit), sent("Definieren", owner=owner[1]))
    assert response.status_code == 302
    assert response["Location"].endswith(f"next={address(unit=unit)}")
    signed_in.force_login(translator)
    response = signed_in.get(address(unit=unit), follow=True)
    assert re.search(r"<textarea[^>]*>\s*Definieren</textarea>", response.content.decode())
    assert not UnitText.objects.filter(language="de").exists()


def test_only_their_own_languages(text: Proposal, translator: User) -> None:
    """A language that is not offered is refused as well."""
    for code in ("ar", "xx"):
        with pytest.raises((Refused, Invalid)):
            translate(text.pk, code, Typed(unit_with(ITEM), "x", 0, 1), editor=translator, at=AT)


def test_who_does_not_know_the_original_reads_another_translation(
    text: Proposal, signed_in: Client, translator: User
) -> None:
    """Folded below it, by the chain of the language, marked where it is outdated; not where the original is that."""
    unit, item = unit_with(HEADING), unit_with(ITEM)
    own = UnitText.objects.filter(unit=unit, language="en")
    own.delete()
    assert "In other words" not in signed_in.get(address(unit=unit)).content.decode()
    save_translation(unit, "en", "In other words", editor=translator, at=AT)
    for version in (1, 0):
        own.update(source_version=version)
        before, found, _after = signed_in.get(address(unit=unit)).content.decode().partition("In other words")
        assert found
        assert ("pt-meta" in before.rpartition("<details")[2]) == (version == 0)
    assert signed_in.get(address(unit=item)).content.decode().count('class="pt-work__text"') == 1


# --- how much it asks of the database --------------------------------------------------------------------------------


@pytest.mark.long
def test_the_same_number_of_queries_at_any_size(client: Client, clock: Clock) -> None:
    """Also with outdated units; a page has so many units."""
    counts = []
    for number in (20, 90):
        text = import_page(page(long_body(number)), task_force=f"size-{number}", at=AT).proposal
        user = _translator(f"t{number}@demo.example", "de")
        client.force_login(user)
        source = UnitText.objects.filter(unit__proposal=text, language="en").order_by("unit__position")
        for row in list(source)[: number // 10]:
            save_translation(row.unit_id, "de", "Text", editor=user, at=AT)
            save_translation(row.unit_id, "en", f"{row.text} Now.", editor=user, at=AT)
        url = f"/de/tf/size-{number}/proposals/proposal/translate/"
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            made = client.get(url).content.decode()
        counts.append(len(found))
        assert len(shown_units(made)) == min(number + 1, 25)
        assert "pt-diff__added" in made
    assert counts[0] == counts[1]
    assert counts[0] <= 12
    last = client.get(f"{url}?page=4").content.decode()
    assert len(shown_units(last)) == 91 - 75
