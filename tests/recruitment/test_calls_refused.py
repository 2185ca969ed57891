"""What keeps a call from being published, one lack after the other: the command says it, the page says it with the way
to where it is mended, and whoever confirms all the same publishes nothing."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.html import escape

from proposals.models import Proposal, TranslationGoal
from recruitment import queries, readiness, services
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.accounts.services import lock_account
from taskforce.core import labels
from taskforce.notifications import kinds, rendering
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.calling import drafted
from tests.recruitment.conftest import AT, SignIn
from tests.recruitment.test_calls_written import at, hidden

Break = Callable[["Draft"], None]


class Draft:
    """A draft that lacks nothing, and what it takes to break it."""

    def __init__(self, call: Call, people: dict[str, User], text: Proposal, patch: pytest.MonkeyPatch) -> None:
        self.call, self.people, self.text, self.patch = call, people, text, patch


@pytest.fixture
def draft(
    version: QuestionSetVersion,
    phase: Callable[[str], Phase],
    people: dict[str, User],
    text: Proposal,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Draft]:
    """The draft; what was found out about mails is found out anew here, and after it."""
    clock.set(AT)
    for name in ("reviewer1", "reviewer2"):
        assert people[name].pk
    readiness._is_written.cache_clear()
    yield Draft(drafted(phase("recruitment"), version, people["coordinator"]), people, text, monkeypatch)
    readiness._is_written.cache_clear()


def a_language_is_wanted(draft: Draft) -> None:
    """Nothing is published without Arabic."""
    Proposal.objects.filter(pk=draft.text.pk).update(task_force=draft.call.phase.task_force)
    TranslationGoal.objects.create(proposal=draft.text, language="ar", percent=50, reason="Many", refuses=True)


def weights_are_no_hundred(draft: Draft) -> None:
    """One percent is missing."""
    first = queries.criteria(draft.call)[0]
    services.weigh(draft.call.pk, {first.pk: first.weight - 1}, actor=draft.people["coordinator"])


def nobody_reviews(draft: Draft) -> None:
    """Both reviewers are gone."""
    for name in ("reviewer1", "reviewer2"):
        lock_account(draft.people[name].pk, "Away.", at=AT)


def reviews_begin_too_early(draft: Draft) -> None:
    """Another phase for reviews runs while people apply."""
    _phase(draft, "review")


def work_begins_too_early(draft: Draft) -> None:
    """A phase for work runs while people apply."""
    _phase(draft, "work")


def _phase(draft: Draft, capability: str) -> None:
    like = draft.call.phase
    dates: dict[str, Any] = {
        name: getattr(like, name) for name in ("opens_on", "closes_on", "zone", "opens_at", "closes_at")
    }
    early = Phase(task_force=like.task_force, slug="early", capabilities=[capability], **dates)
    labels.assign(early, "title", {"en": "Too early"})
    early.save()


def a_mail_says_nothing_in_japanese(draft: Draft) -> None:
    """The receipt is in Japanese what it is in English: nobody has translated it."""
    render = rendering.render

    def untranslated(kind: kinds.MailKind, context: kinds.Context, code: str, *more: Any) -> Any:
        if (kind.name, code) == ("application-receipt", "ja"):
            return render(kind, kinds.sample_of(kind, "en"), "en", *more)
        return render(kind, context, code, *more)

    draft.patch.setattr(rendering, "render", untranslated)
    # A process begins with the texts that it has.
    readiness._is_written.cache_clear()


LACKS: list[tuple[Break, str, str]] = [
    (a_language_is_wanted, "priority-translation", "/details/?language=ar"),
    (weights_are_no_hundred, "weights", "/criteria/"),
    (nobody_reviews, "too-few-reviewers", "/rolegrant/"),
    (reviews_begin_too_early, "review-before-close", "/phase/"),
    (work_begins_too_early, "work-before-decision", "/phase/"),
    (a_mail_says_nothing_in_japanese, "mail-without-text", "/mail-texts/"),
]


@pytest.mark.parametrize(("lack", "code", "way"), LACKS, ids=[lack.__name__ for lack, _code, _way in LACKS])
def test_the_command_and_the_page_say_what_is_missing_and_nothing_is_published(
    draft: Draft, tf: TaskForce, sign_in: SignIn, lack: Break, code: str, way: str
) -> None:
    call, client = draft.call, sign_in(draft.people["coordinator"])
    assert _command(tf) == (["Ready: nothing found."], False)
    assert not client.get(at("check", call)).context["blocking"]
    lack(draft)
    said, is_refused = _command(tf)
    assert is_refused
    (line,) = [one for one in said if one.startswith(f"blocks  {code}  ") and _is_meant(one, code)][:1]
    page = client.get(at("check", call))
    found = [one for one in page.context["blocking"] if f"  {one['text']} [" in line]
    assert [way in one["url"] for one in found] == [True]
    html = page.content.decode()
    assert escape(found[0]["text"]) in html
    assert f'href="{found[0]["url"]}"' in html
    refused = client.post(at("check", call), {**hidden(html), "confirmed": "yes"})
    assert refused.status_code in (403, 409)
    assert found[0]["text"] in str(refused.context["blocking"])
    call.refresh_from_db()
    assert call.published_at is None


def _is_meant(line: str, code: str) -> bool:
    """Of a missing language there is a line for each part of the call: that about its own words."""
    return code != "priority-translation" or "purpose" in line


def _command(tf: TaskForce) -> tuple[list[str], bool]:
    """What `check_call` says, and whether it ends with an error."""
    out = StringIO()
    try:
        call_command("check_call", tf.slug, stdout=out)
    except CommandError:
        return out.getvalue().splitlines()[1:], True
    return out.getvalue().splitlines()[1:], False


def test_of_a_published_call_the_command_says_which_language_a_new_criterion_lacks(
    draft: Draft, tf: TaskForce, sign_in: SignIn
) -> None:
    call, actor = draft.call, draft.people["coordinator"]
    services.publish_draft(call.pk, actor=actor)
    Proposal.objects.filter(pk=draft.text.pk).update(task_force=tf)
    TranslationGoal.objects.create(proposal=draft.text, language="ar", percent=50, reason="Many", refuses=False)
    client: Client = sign_in(actor)
    said, is_refused = _command(tf)
    assert not is_refused
    lines = [one for one in said if one.startswith("warns  priority-translation")]
    assert [one for one in lines if "criterion 1" in one]
    shown = client.get(at("change", call)).context["lacks"]
    assert [one["text"] for one in shown] == [one.split("  ", 2)[2].rpartition(" [")[0] for one in lines]
