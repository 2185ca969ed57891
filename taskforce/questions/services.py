"""The only writer of question sets: a new wording is a new version, and no version is ever changed.

What is not a version yet is a draft of one. The log says when one was begun, published or discarded, and not each word.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.side_by_side import SOURCE
from taskforce.questions import drafts, faults, queries, rules
from taskforce.questions.drafts import Spec
from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Choice, Draft, Question, QuestionSet, QuestionSetVersion

# As the column has it.
SLUG_LENGTH = 50
Content = Mapping[str, Any]


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the same fields of a question (`torn`); it is `stored` now as this mapping says, None
    where it is gone."""

    def __init__(self, stored: Spec | None, torn: Sequence[str] = ()) -> None:
        said = _(
            "Somebody else has changed this question since you opened the page. Nothing of yours was saved and nothing "
            "of theirs was overwritten. Both stand below: put yours right and save again."
        )
        if stored is None:
            said = _(
                "This question is not in the draft any more: somebody else has removed it, or the draft was published "
                "or discarded. Nothing was saved. Copy what you need from this page."
            )
        super().__init__(said)
        self.stored, self.torn = stored, torn


@transaction.atomic
def create_set(
    slug: str,
    questions: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    actor_id: int | None = None,
    task_force_id: int | None = None,
) -> QuestionSetVersion:
    """The next version of the set `slug` (its first where the set is new), with all its questions.

    A new set is the task force's, or for all (None); `Conflict` where there is one of that name of somebody else.

    Each question is a mapping: `kind` (a `QuestionKind`), `labels` {language: text}, and optionally
    `help_texts` {language: text}, `required`, `max_length` (characters; 0: the general limit), `choices`
    [(code, {language: label})], `least` and `most` (how many of several choices may be made, 0: any number; or the
    ends of a scale, with `least_labels` and `most_labels`). Raises `Invalid` for a set that nobody could answer. `at`
    is the portal's moment (UTC).
    """
    _check_all(questions)
    question_set, _made = QuestionSet.objects.get_or_create(slug=slug, defaults={"task_force_id": task_force_id})
    # The row lock makes parallel versions wait, so that each gets its own number.
    question_set = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
    if question_set.task_force_id != task_force_id:
        raise Conflict(_("There is a set of questions “%(slug)s” of another task force.") % {"slug": slug})
    last = question_set.versions.aggregate(last=Max("number"))["last"] or 0
    version = QuestionSetVersion.objects.create(question_set=question_set, number=last + 1, created_at=at)
    for position, spec in enumerate(questions, start=1):
        _create_question(version, position, spec)
    log.record(
        "questions.created",
        version,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force_id,
        slug=slug,
        number=version.number,
    )
    return version


def _create_question(version: QuestionSetVersion, position: int, spec: Mapping[str, Any]) -> None:
    question = Question.objects.create(
        version=version,
        position=position,
        kind=QuestionKind(spec["kind"]),
        required=bool(spec.get("required", False)),
        **{name: int(spec.get(name, 0)) for name in ("max_length", "least", "most")},
        **_columns(spec),
    )
    for place, (code, texts) in enumerate(spec.get("choices", ()), start=1):
        Choice.objects.create(question=question, position=place, code=code, **labels.columns("label", dict(texts)))


def _columns(spec: Mapping[str, Any]) -> dict[str, str]:
    """The columns of all texts of a question."""
    columns: dict[str, str] = {}
    for part, (field, _longest) in faults.PARTS.items():
        columns |= labels.columns(field, dict(spec.get(part, {})))
    return columns


def _check_all(questions: Sequence[Mapping[str, Any]]) -> None:
    if not questions:
        raise Invalid(_("A set of questions needs at least one question."))
    for number, spec in enumerate(questions, start=1):
        problem = faults.problem(spec)
        if problem:
            raise Invalid(_("Question %(number)d: %(problem)s") % {"number": number, "problem": problem})


# --- drafts ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def begin_set(
    slug: str,
    *,
    task_force_id: int | None,
    like: QuestionSetVersion | None = None,
    source: str = SOURCE,
    actor: User,
    at: datetime,
) -> Draft:
    """A new set, of a task force or for all (None), and the draft of its first version: empty and written in `source`,
    or with the questions of another version. `Conflict` where there is a set of that name."""
    rules.require(actor, task_force_id)
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from None
    if len(slug) > SLUG_LENGTH:
        raise Invalid(_("The short name is too long: at most %(count)d characters.") % {"count": SLUG_LENGTH})
    question_set, is_new = QuestionSet.objects.get_or_create(slug=slug, defaults={"task_force_id": task_force_id})
    if not is_new:
        raise Conflict(_("There is a set of questions “%(slug)s” already. Choose another name.") % {"slug": slug})
    return _begun(question_set, queries.questions(like) if like else [], _offered(source), actor=actor, at=at)


@transaction.atomic
def begin_version(set_id: int, *, actor: User, at: datetime) -> Draft:
    """The draft of the next version, which begins with all questions of the newest one; the one that is there, if
    somebody has begun it already."""
    question_set = _held(set_id, actor)
    draft = Draft.objects.filter(question_set=question_set).first()
    if draft is not None:
        return draft
    newest = question_set.versions.order_by("-number").first()
    return _begun(question_set, queries.questions(newest) if newest else [], SOURCE, actor=actor, at=at)


def _begun(question_set: QuestionSet, asked: Sequence[Question], source: str, *, actor: User, at: datetime) -> Draft:
    draft = Draft.objects.create(question_set=question_set, content=drafts.begun(asked, source), saved_at=at)
    _record("questions.draft-begun", question_set, actor=actor, at=at)
    return draft


def add_question(set_id: int, kind: str, said: Mapping[str, str], *, expected: str, actor: User, at: datetime) -> int:
    """One question more at the end of the draft; its key there. `expected`: the token of the draft as shown."""
    if kind not in QuestionKind.values:
        raise Invalid(_("This kind of question is unknown."))

    def act(content: Content) -> Content:
        if len(content["questions"]) >= drafts.MOST_QUESTIONS:
            raise Invalid(_("A set has at most %(count)d questions.") % {"count": drafts.MOST_QUESTIONS})
        return _fitting(drafts.added(content, kind, said), content["next"])

    return int(_change(set_id, act, expected=expected, actor=actor, at=at).content["next"]) - 1


def write_in(set_id: int, source: str, *, expected: str, actor: User, at: datetime) -> None:
    """The draft is written in this language first, and any other stands beside it; no text changes."""
    code = _offered(source)
    _change(set_id, lambda content: drafts.with_source(content, code), expected=expected, actor=actor, at=at)


def _offered(code: str) -> str:
    if not languages.is_offered(code):
        raise Invalid(_("The portal does not have this language."))
    return code


def move_question(set_id: int, key: int, step: int, *, expected: str, actor: User, at: datetime) -> None:
    """One place up (-1) or down (1)."""
    _change(set_id, lambda content: drafts.moved(content, key, step), expected=expected, actor=actor, at=at)


def remove_question(set_id: int, key: int, *, expected: str, actor: User, at: datetime) -> None:
    """Take a question out of the draft; in the versions that are there it stays."""
    _change(set_id, lambda content: drafts.removed(content, key), expected=expected, actor=actor, at=at)


def save_question(
    set_id: int,
    key: int,
    typed: Mapping[str, Any],
    *,
    seen: str,
    codes: Sequence[str],
    then: Callable[[Spec], Spec] = dict,
    actor: User,
    at: datetime,
) -> Spec:
    """Keep in the draft what was `typed` into the form of a question, by the names of `drafts.shown`, and what `then`
    makes of it.

    `seen` are the marks with which a form of the languages `codes` was shown (`drafts.marks`). Raises
    `ChangedMeanwhile` where somebody else has changed a field that was typed into, unless both say the same.
    """

    def act(content: Content) -> Content:
        spec = drafts.question(content, key)
        if spec is None:
            raise ChangedMeanwhile(None)
        made, torn = drafts.merged(spec, typed, seen, codes)
        if torn:
            raise ChangedMeanwhile(spec, torn)
        return _fitting(drafts.replaced(content, then(made)), key)

    content = _change(set_id, act, expected=None, actor=actor, at=at).content
    found = drafts.question(content, key)
    assert found is not None  # noqa: S101 - it was replaced above
    return found


@transaction.atomic
def publish_draft(set_id: int, *, expected: str, actor: User, at: datetime) -> QuestionSetVersion:
    """The draft becomes the next version of its set, which nobody changes any more. `Invalid` where a question could
    not be answered, `Conflict` where the draft is not the one that was shown."""
    question_set = _held(set_id, actor)
    draft = _draft(question_set, expected)
    version = create_set(
        question_set.slug,
        drafts.to_publish(draft.content),
        at=at,
        actor_id=actor.pk,
        task_force_id=question_set.task_force_id,
    )
    draft.delete()
    return version


@transaction.atomic
def discard_draft(set_id: int, *, expected: str, actor: User, at: datetime) -> None:
    """Throw the draft away; `Conflict` where it is not the one that was shown."""
    question_set = _held(set_id, actor)
    _draft(question_set, expected).delete()
    _record("questions.draft-discarded", question_set, actor=actor, at=at)


@transaction.atomic
def _change(
    set_id: int, act: Callable[[Content], Content], *, expected: str | None, actor: User, at: datetime
) -> Draft:
    """Do one act on the draft and keep it, under the lock of its set."""
    draft = _draft(_held(set_id, actor), expected)
    content = act(draft.content)
    if content != draft.content:
        draft.content, draft.saved_at = content, at
        draft.save(update_fields=["content", "saved_at"])
    return draft


def _held(set_id: int, actor: User) -> QuestionSet:
    """The set, whose draft and versions nobody else changes now."""
    question_set = QuestionSet.objects.select_for_update().filter(pk=set_id).first()
    if question_set is None:
        raise Conflict(_("There is no such set of questions."))
    rules.require(actor, question_set.task_force_id)
    return question_set


def _draft(question_set: QuestionSet, expected: str | None) -> Draft:
    """The draft of the set; `Conflict` where it is gone, or is not the one that was shown (`expected`, its token)."""
    draft = Draft.objects.filter(question_set=question_set).first()
    if draft is None:
        raise ChangedMeanwhile(None) if expected is None else _no_draft()
    if expected is not None and drafts.token(draft.content) != expected:
        raise Conflict(
            _(
                "Somebody else has changed the draft since you opened this page. Nothing of yours was done. Look at it "
                "as it is now, then press the button again if you still want it."
            )
        )
    return draft


def _no_draft() -> Conflict:
    return Conflict(_("There is no draft any more: somebody else has published or discarded it."))


def _fitting(content: Content, key: int) -> Content:
    """The content, if the question of this key can be kept; what nobody could answer yet may stay in a draft."""
    spec = drafts.question(content, key)
    if spec is not None and len(spec["choices"]) > drafts.MOST_CHOICES:
        raise Invalid(_("A question has at most %(count)d choices.") % {"count": drafts.MOST_CHOICES})
    if spec is not None and not faults.fit(spec):
        raise Invalid(_("One of its texts is too long, or in a language that is not the portal’s."))
    return content


def _record(action: str, question_set: QuestionSet, *, actor: User, at: datetime) -> None:
    place = question_set.task_force_id
    log.record(action, question_set, at=at, actor_id=actor.pk, task_force_id=place, slug=question_set.slug)
