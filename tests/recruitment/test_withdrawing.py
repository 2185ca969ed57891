"""Withdrawing an application, and taking that back until the close."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import Http404

from recruitment import queries, services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Refused
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services import publish_phase
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import (
    AT,
    CLOSES,
    HARD_CLOSES,
    OPEN,
    PAGE,
    Run,
    draft,
    key,
    publish,
    question_names,
    shown_form,
    typed_answer,
    withdrawal,
)

Sender = Callable[[User], Client]
LATER = OPEN + timedelta(hours=1)


def withdrawn(call: Call, user: User, *, submits: bool = True) -> Application:
    """An application that was submitted (or only saved) and withdrawn."""
    (services.submit if submits else services.save_draft)(call.pk, user, draft(call, "Mine."))
    return services.withdraw(Application.objects.get(applicant=user).pk, user, at=app_now())


def take_back_form(html: str) -> dict[str, str]:
    """The form that takes the withdrawal back, as a browser would send it."""
    form = re.search(r'<form[^>]*>(?:(?!</form>).)*value="take-back".*?</form>', html, re.DOTALL)
    assert form is not None, "nothing to take back"
    return dict(re.findall(r'name="(action|form_key|reference)" value="([^"]+)"', form[0]))


class TestTakingBack:
    def test_the_same_application_counts_again(self, call: Call, user: User, applicant: Client, clock: Clock) -> None:
        services.submit(call.pk, user, draft(call, "Mine."))
        reference = Application.objects.get().reference
        applicant.post(PAGE, withdrawal(applicant))
        clock.set(LATER)
        html = applicant.get(PAGE).content.decode()
        assert "Until the call closes you can take the withdrawal back, or apply anew." in html
        answer = applicant.post(PAGE, take_back_form(html))
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
        again = Application.objects.get()
        assert (again.reference, again.number, again.state, again.withdrawn_at) == (reference, 1, "submitted", None)
        html = applicant.get(PAGE).content.decode()
        assert f"data-ref>{reference}<" in html
        assert "take-back" not in html
        assert Snapshot.objects.count() == 1
        assert list(Entry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
            "application.withdrawn",
            "application.taken-back",
        ]

    def test_what_was_a_draft_is_one_again(self, call: Call, user: User) -> None:
        one = withdrawn(call, user, submits=False)
        again = services.take_back(one.pk, user, key(call))
        assert (again.state, again.withdrawn_at) == ("draft", None)
        assert typed_answer(again) == "Mine."

    def test_twice_changes_nothing(self, call: Call, user: User) -> None:
        one = withdrawn(call, user)
        for _ in range(2):
            services.take_back(one.pk, user, key(call))
        assert Entry.objects.filter(action="application.taken-back").count() == 1
        assert OutboxMessage.objects.filter(kind="application-taken-back").count() == 1

    def test_after_the_close_it_stays_withdrawn(self, call: Call, user: User, applicant: Client, clock: Clock) -> None:
        one = withdrawn(call, user)
        form = take_back_form(applicant.get(PAGE).content.decode())
        clock.set(HARD_CLOSES)
        answer = applicant.post(PAGE, form)
        html = answer.content.decode()
        assert answer.status_code == 403
        assert "2022-04-11T12:00:00Z" in html
        assert "The call has closed, so this can no longer be taken back." in html
        assert "take-back" not in html
        assert Application.objects.get(pk=one.pk).state == "withdrawn"

    def test_a_form_from_before_the_close_passes_in_the_grace(
        self, call: Call, user: User, applicant: Client, clock: Clock
    ) -> None:
        withdrawn(call, user)
        form = take_back_form(applicant.get(PAGE).content.decode())
        clock.set(HARD_CLOSES - timedelta(milliseconds=500))
        assert applicant.post(PAGE, form).status_code == 303
        assert Application.objects.get().state == "submitted"

    def test_who_has_applied_anew_keeps_that_one(self, call: Call, user: User, applicant: Client) -> None:
        one = withdrawn(call, user)
        form = take_back_form(applicant.get(PAGE).content.decode())
        services.submit(call.pk, user, draft(call, "Anew."))
        answer = applicant.post(PAGE, form)
        assert answer.status_code == 409
        assert "You have applied anew meanwhile" in answer.content.decode()
        assert Application.objects.get(pk=one.pk).state == "withdrawn"

    def test_nobody_does_it_for_another(self, call: Call, user: User, people: dict[str, User], sign_in: Sender) -> None:
        one = withdrawn(call, user)
        with pytest.raises(Http404):
            services.take_back(one.pk, people["member"], key(call))
        posted = {"action": "take-back", "reference": one.reference, "form_key": ""}
        assert sign_in(people["member"]).post(PAGE, posted).status_code == 409
        assert Application.objects.get().state == "withdrawn"

    def test_a_damaged_form_is_refused(self, call: Call, user: User, applicant: Client) -> None:
        one = withdrawn(call, user)
        for form_key in ("", "forged", "x" * 5000):
            posted = {"action": "take-back", "reference": one.reference, "form_key": form_key}
            assert applicant.post(PAGE, posted).status_code == 400
        assert Application.objects.get().state == "withdrawn"

    @pytest.mark.parametrize(("cap", "is_let_in"), [(1, False), (2, True)])
    def test_places_are_counted(
        self, version: QuestionSetVersion, tf: TaskForce, user: User, people: dict[str, User], clock: Clock,
        cap: int, is_let_in: bool,
    ) -> None:  # fmt: skip
        """Whoever comes back takes a place again, where there is one, and the last one closes the call."""
        phase = publish_phase(
            tf, slug="again", titles={"en": "Again"}, capabilities=["apply"], at=AT,
            opens_on=date(2022, 6, 1), closes_on=date(2022, 6, 20), cap=cap,
        )  # fmt: skip
        clock.set(datetime(2022, 6, 10, 12, tzinfo=UTC))
        call = publish(phase, version)
        # The call has one place only, so what is withdrawn here was not yet submitted.
        one = withdrawn(call, user, submits=is_let_in)
        services.submit(call.pk, people["member"], draft(call))
        if is_let_in:
            assert services.take_back(one.pk, user, key(call)).state == "submitted"
        else:
            with pytest.raises(Refused):
                services.take_back(one.pk, user, key(call))
        assert Application.objects.exclude(state="withdrawn").count() == cap
        assert Phase.objects.get(pk=phase.pk).closes_at <= app_now()


class TestWhatComesAfterIt:
    """Neither the same form once more nor what saves itself begins another application; taking back stays possible."""

    def test_the_same_form_again(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        sent = {**shown_form(applicant, call), first: "Mine.", "action": "submit"}
        assert applicant.post(PAGE, sent).status_code == 303
        assert applicant.post(PAGE, withdrawal(applicant)).status_code == 303
        assert applicant.post(PAGE, sent).status_code == 303
        html = applicant.get(PAGE).content.decode()
        assert "It stays withdrawn: nothing was saved or submitted now." in html
        assert "Your application has been submitted." not in html
        assert list(Application.objects.values_list("number", "state")) == [(1, "withdrawn")]
        assert applicant.post(PAGE, {**sent, first: "Other."}).status_code == 409
        assert applicant.post(PAGE, take_back_form(html)).status_code == 303
        assert Application.objects.get().state == "submitted"
        assert Snapshot.objects.count() == 1

    def test_the_same_draft_again(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        sent = {**shown_form(applicant, call), first: "Mine.", "action": "save"}
        assert applicant.post(PAGE, sent).status_code == 303
        assert applicant.post(PAGE, withdrawal(applicant)).status_code == 303
        assert applicant.post(PAGE, sent).status_code == 303
        assert "It stays withdrawn" in applicant.get(PAGE).content.decode()
        assert list(Application.objects.values_list("number", "state")) == [(1, "withdrawn")]

    def test_what_saves_itself_in_an_old_tab(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        services.submit(call.pk, user, draft(call, "Mine."))
        old = shown_form(applicant, call)
        assert applicant.post(PAGE, withdrawal(applicant)).status_code == 303
        for group, typed in (("demographics", {"about-age": "25-34"}), ("answers", {first: "Typed on."})):
            sent = {**old, **typed, "group": [group]}
            answer = applicant.post(f"{PAGE}draft/", sent, headers={"accept": "application/json"})
            assert (answer.status_code, answer.json()["why"]) == (403, "withdrawn")
            assert "press “Save draft”" in answer.json()["error"]
        assert list(Application.objects.values_list("number", "state")) == [(1, "withdrawn")]

    def test_a_page_that_was_loaded_since_and_saves_itself(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        services.submit(call.pk, user, draft(call, "Mine."))
        assert applicant.post(PAGE, withdrawal(applicant)).status_code == 303
        form = {**shown_form(applicant, call), first: "Anew.", "group": ["answers"]}
        assert applicant.post(f"{PAGE}draft/", form).status_code == 403
        html = applicant.get(PAGE).content.decode()
        assert "What you type here stays in this browser." in html
        assert "What you type is saved by itself" not in html, "it is not"
        back = take_back_form(html)
        # A button of the form begins one; and taking back goes on being offered beside it, and wins.
        assert applicant.post(PAGE, {**form, "action": "save"}).status_code == 303
        assert applicant.post(f"{PAGE}draft/", {**shown_form(applicant, call), "group": ["answers"]}).status_code == 200
        html = applicant.get(PAGE).content.decode()
        assert "You have withdrawn an earlier application" in html
        assert take_back_form(html)["reference"] == back["reference"]
        assert applicant.post(PAGE, back).status_code == 303
        live = Application.objects.exclude(state="withdrawn").get()
        assert (live.reference, live.number, live.state) == (back["reference"], 1, "submitted")
        assert typed_answer(live) == "Anew.", "what was typed since is its draft"
        assert Snapshot.objects.get().answers[0]["text"] == "Mine.", "and what counts is what was submitted"
        html = applicant.get(PAGE).content.decode()
        assert "Your draft is newer than what you submitted" in html
        assert "take-back" not in html

    def test_nothing_that_was_typed_is_lost(self, call: Call, user: User, clock: Clock) -> None:
        """What stood in the draft that comes back is kept where the later one is."""
        one = withdrawn(call, user, submits=False)
        services.save_draft(call.pk, user, draft(call, "Anew.", wiki_name="Ada"))
        clock.set(LATER)
        again = services.take_back(one.pk, user, key(call))
        later = Application.objects.exclude(pk=one.pk).get()
        assert (typed_answer(again), typed_answer(later)) == ("Anew.", "Mine.")
        assert again.identity.typed["wiki_name"] == ["Ada"]
        assert (again.state, later.state) == ("draft", "withdrawn")
        assert OutboxMessage.objects.filter(kind="application-withdrawn").count() == 1, "of the first alone"

    def test_what_was_submitted_is_offered_before_what_never_was(self, call: Call, user: User) -> None:
        one = withdrawn(call, user)
        later = services.save_draft(call.pk, user, draft(call, "Anew."))
        services.withdraw(later.pk, user, at=app_now())
        assert queries.own_application(call, user) == one
        assert queries.meant(queries.own_applications(call, user)) == one


class TestMails:
    """Each act has a mail, in the applicant's language, with no answer in it."""

    @pytest.mark.parametrize("language", ["en", "zh-hant"])
    def test_both_say_until_when(self, call: Call, user: User, clock: Clock, language: str) -> None:
        user.language = language
        user.save()
        services.submit(call.pk, user, draft(call, "CANARY"))
        one = Application.objects.get()
        services.withdraw(one.pk, user, at=app_now())
        services.take_back(one.pk, user, key(call))
        clock.set(LATER)
        services.withdraw(one.pk, user, at=app_now())
        found = OutboxMessage.objects.filter(kind__startswith="application-").order_by("pk")
        assert [mail.kind.removeprefix("application-") for mail in found] == [
            "receipt", "withdrawn", "taken-back", "withdrawn",
        ]  # fmt: skip
        for mail in found[1:]:
            assert (mail.language, mail.mailbox) == (language, user.email)
            made = rendering.render(kinds.get(mail.kind), mail.context, mail.language, "UTC")
            assert one.reference in made.subject
            assert "11 April 2022, 12:00 UTC" in made.text or language != "en"
            assert "CANARY" not in made.text

    def test_after_the_close_it_says_that_it_is_for_good(self, call: Call, user: User, clock: Clock) -> None:
        services.submit(call.pk, user, draft(call))
        clock.set(CLOSES)
        services.withdraw(Application.objects.get().pk, user, at=app_now())
        mail = OutboxMessage.objects.get(kind="application-withdrawn")
        text = rendering.render(kinds.get(mail.kind), mail.context, "en").text
        assert "can no longer be taken back" in text
        assert "If you change your mind" not in text


@pytest.mark.long
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def _both(self, call: Call, user: User, aside: Run) -> list[type]:
        one = withdrawn(call, user)
        back = [aside(services.take_back, one.pk, user, key(call)) for _ in range(4)]
        anew = [aside(services.submit, call.pk, user, draft(call, "Anew.")) for _ in range(4)]
        return [type(future.exception(30)) for future in [*back, *anew]]

    def test_taking_back_and_applying_anew_are_never_both(
        self, call: Call, people: dict[str, User], aside: Run
    ) -> None:
        assert set(self._both(call, people["applicant"], aside)) <= {type(None), Conflict}
        assert Application.objects.exclude(state="withdrawn").count() == 1

    def test_taking_back_while_the_later_draft_is_saved(self, call: Call, user: User, aside: Run) -> None:
        """Whichever comes first, there is one live application, and every text is in one of them."""
        one = withdrawn(call, user)
        services.save_draft(call.pk, user, draft(call, "Anew."))
        back = [aside(services.take_back, one.pk, user, key(call)) for _ in range(2)]
        later = [aside(services.save_draft, call.pk, user, draft(call, f"Anew {n}."), by_itself=True) for n in range(4)]
        assert {type(each.exception(30)) for each in [*back, *later]} == {type(None)}
        live = Application.objects.exclude(state="withdrawn").get()
        assert live.pk == one.pk
        assert typed_answer(live).startswith("Anew")

    def test_this_can_fail(self, call: Call, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the question whether there is another one, the database is all that stands in the way."""
        one = withdrawn(call, user)
        services.submit(call.pk, user, draft(call, "Anew."))
        monkeypatch.setattr(queries, "live", lambda _call, _user: Application.objects.none())
        with pytest.raises(Exception, match="one_live_application"):
            services.take_back(one.pk, user, key(call))
