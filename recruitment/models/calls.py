"""Calls for members: what one says, its rubric, its questions and answers, and what was changed in it later.

A call is a draft until `published_at`; nobody but staff knows of it. From then on the database lets its seats and its
rubric change only together with a row of `CallChange`, and so do its words, but that a language which has no text is
given one; the rest stays.
"""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from recruitment.enums import ChangeKind
from taskforce.core import labels
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase

LOWEST, HIGHEST = 1, 5
WHOLE = 100

# What of which calls this transaction may write: of those that it has made all, and of those that it writes an act for
# what that is an act on.
_NOTE = """
PERFORM set_config(
    'recruitment.acted', coalesce(current_setting('recruitment.acted', true), '') || ' ' || {what} || ' ', true
);
RETURN NULL;
"""
_ACTED = "position(' ' || {call} || ':{kind} ' IN coalesce(current_setting('recruitment.acted', true), '')) > 0"
# What `timeline.services.announce_correction` has said.
_CORRECTED = "coalesce(current_setting('portal.corrected_label', true), '') = TG_TABLE_NAME || ' ' || OLD.id"
_DIFFERS = """EXISTS (
        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)
        WHERE says.value <> said.value AND {which}
    )"""
_HAD_NO_TEXT = """said.value IN ('null', '""')"""
_IS_PUBLISHED = "EXISTS (SELECT FROM recruitment_call WHERE id = {call} AND published_at IS NOT NULL)"
_REFUSE = """
    RAISE EXCEPTION '{what}' USING ERRCODE = 'integrity_constraint_violation';
"""


def _differs(which: str) -> str:
    return _DIFFERS.replace("{which}", which)


def _words(*fields: str) -> str:
    return f"key ~ '^({'|'.join(fields)})(_|$)'"


def _acted(call: str, kind: str) -> str:
    return _ACTED.replace("{call}", call).replace("{kind}", kind)


def _unsaid(call: str, words: str) -> str:
    """Whether words change that had a text, and that no act of this transaction says what they said and say."""
    return _differs(f"""{words} AND NOT ({_CORRECTED} AND {_HAD_NO_TEXT}) AND NOT ({_acted(call, "words")} AND EXISTS (
            SELECT FROM recruitment_callchange AS act, jsonb_array_elements(act.words) AS word
            WHERE act.call_id = {call} AND act.kind = 'words' AND act.number = (
                SELECT max(number) FROM recruitment_callchange WHERE call_id = {call} AND kind = 'words'
            ) AND word ->> 'table' = TG_TABLE_NAME AND word -> 'row' = to_jsonb(OLD.id)
            AND word ->> 'column' = key AND word -> 'now' = says.value
            AND word -> 'before' = CASE WHEN {_HAD_NO_TEXT} THEN '""' ELSE said.value END
        ))""")  # noqa: S608 - our own SQL


_CALL_WORDS = _words(
    "title", "purpose", "eligibility", "term", "hours", "allowance", "publication", "criteria_introduction"
)  # fmt: skip
_ANSWER_WORDS = _words("question", "answer")
_CALL_STAYS = f"""
IF {_differs(f"key <> 'seats' AND NOT ({_CALL_WORDS})")} OR {_unsaid("OLD.id", _CALL_WORDS)} THEN
    {_REFUSE.replace("{what}", "what a published call says stays")}
END IF;
IF NEW.seats <> OLD.seats AND NOT (
    {_acted("OLD.id", "seats")} AND coalesce((
        SELECT (old_seats, new_seats) = (OLD.seats, NEW.seats) FROM recruitment_callchange
        WHERE call_id = OLD.id AND kind = 'seats' ORDER BY number DESC LIMIT 1
    ), false)
) THEN
    {_REFUSE.replace("{what}", "the seats of a published call change only by an act with its reason")}
END IF;
RETURN NEW;
"""  # noqa: S608 - our own SQL
_TEXTS = """(
        SELECT coalesce(jsonb_object_agg(
            CASE WHEN substr(key, {from}) = 'ind' THEN 'id' ELSE replace(substr(key, {from}), '_', '-') END, value
        ), '{}')
        FROM jsonb_each(to_jsonb({row})) WHERE key LIKE '{field}\\_%' AND value NOT IN ('null', '""')
    )"""


def _texts(row: str, field: str) -> str:
    return _TEXTS.replace("{row}", row).replace("{field}", field).replace("{from}", str(len(field) + 2))


# The rubric in force, as acts keep it. (A column of Indonesian ends in “ind”, since “id” says something else there.)
_RUBRIC = f"""(
    SELECT jsonb_agg(jsonb_build_object(
        'criterion', one.id, 'weight', one.weight, 'labels', {_texts("one", "label")},
        'help_texts', {_texts("one", "help_text")}, 'meanings', (
            SELECT coalesce(jsonb_object_agg(meant.score, {_texts("meant", "text")}), '{{}}')
            FROM recruitment_scoremeaning AS meant WHERE meant.criterion_id = one.id
        )
    ) ORDER BY one.position)
    FROM recruitment_criterion AS one WHERE one.call_id = NEW.call_id AND one.retired_at IS NULL
)"""  # noqa: S608 - our own SQL
_TELLS_THE_RUBRIC = f"""
IF NEW.kind = 'criteria' AND NEW.old_criteria IS DISTINCT FROM {_RUBRIC} THEN
    {_REFUSE.replace("{what}", "an act on the rubric of a call says what it was")}
END IF;
RETURN NULL;
"""
# What is translated after the act is more than it says; who is new in the rubric has no id when the act is written.
_CHANGES_ITS_CALL = f"""
IF EXISTS (
    SELECT FROM recruitment_callchange WHERE call_id = NEW.call_id AND kind = NEW.kind AND number > NEW.number
) THEN
    RETURN NULL;
END IF;
IF NEW.kind = 'seats' AND NOT EXISTS (
    SELECT FROM recruitment_call WHERE id = NEW.call_id AND seats = NEW.new_seats
) THEN
    {_REFUSE.replace("{what}", "an act on the seats of a call changes them in its own transaction")}
END IF;
IF NEW.kind = 'criteria' AND EXISTS (
    SELECT FROM jsonb_array_elements(NEW.new_criteria) WITH ORDINALITY AS said (spec, at)
    FULL JOIN jsonb_array_elements({_RUBRIC}) WITH ORDINALITY AS stands (spec, at) USING (at)
    WHERE NOT coalesce(stands.spec @> (
        CASE WHEN said.spec -> 'criterion' = 'null' THEN said.spec - 'criterion' ELSE said.spec END
    ), false)
) THEN
    {_REFUSE.replace("{what}", "an act on the rubric of a call changes it in its own transaction")}
END IF;
IF NEW.kind = 'words' AND (NEW.words = '[]' OR EXISTS (
    SELECT FROM jsonb_array_elements(NEW.words) AS word WHERE NOT EXISTS (
        SELECT FROM (
            SELECT 'recruitment_call' AS name, to_jsonb(one) AS row FROM recruitment_call AS one
            WHERE one.id = NEW.call_id
            UNION ALL SELECT 'recruitment_clarification', to_jsonb(told) FROM recruitment_clarification AS told
            WHERE told.call_id = NEW.call_id
        ) AS stands
        WHERE stands.name = word ->> 'table' AND stands.row -> 'id' = word -> 'row'
        AND stands.row -> (word ->> 'column') = word -> 'now'
    )
)) THEN
    {_REFUSE.replace("{what}", "an act on the words of a call changes them in its own transaction")}
END IF;
RETURN NULL;
"""  # noqa: S608 - our own SQL
_WEIGHS_A_HUNDRED = """
IF EXISTS (SELECT FROM recruitment_call WHERE id = {call} AND published_at IS NOT NULL) AND (
    SELECT coalesce(sum(weight), 0) FROM recruitment_criterion WHERE call_id = {call} AND retired_at IS NULL
) <> 100 THEN
    RAISE EXCEPTION 'the weights of a published call add up to 100'
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NULL;
"""


def _only_by_an_act(call: str, words: str, *, goes: bool) -> pgtrigger.Trigger:
    """For what belongs to a rubric: written while its call is a draft, then with an act; where it has no text in a
    language, it is given one besides. It never goes from or to a call that is published.

    `call` gives the call's id in SQL of {row}; `goes`: an act may delete it.
    """
    new, old = call.replace("{row}", "NEW"), call.replace("{row}", "OLD")
    either = f"(CASE WHEN TG_OP = 'INSERT' THEN {new} ELSE {old} END)"
    may_act = f"{_acted(either, 'made')} OR {_acted(either, 'criteria')}"
    deletes = "" if goes else "TG_OP = 'DELETE' OR "
    refuse = _REFUSE.replace("{what}", "the rubric of a published call changes only by an act with its reason")
    return pgtrigger.Trigger(
        name="only_by_an_act",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
IF {_IS_PUBLISHED.replace("{call}", either)}
    AND ({deletes}NOT ({may_act}))
    AND NOT (TG_OP = 'UPDATE' AND {_CORRECTED} AND NOT {_differs(f"NOT ({words} AND {_HAD_NO_TEXT})")})
THEN
    {refuse}
END IF;
IF TG_OP = 'DELETE' THEN
    RETURN OLD;
END IF;
IF TG_OP = 'UPDATE' THEN
    IF {new} <> {old} AND ({_IS_PUBLISHED.replace("{call}", new)} OR {_IS_PUBLISHED.replace("{call}", old)}) THEN
        {refuse}
    END IF;
END IF;
RETURN NEW;
""",
    )


def _whole(call: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="weighs_a_hundred",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        func=_WEIGHS_A_HUNDRED.replace("{call}", call),
    )


def _noted(what: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="note", when=pgtrigger.After, operation=pgtrigger.Insert, func=_NOTE.replace("{what}", what)
    )


class Call(models.Model):
    """A call for members in a phase: purpose, seats and what they ask of people and give them, in translated words.

    `eligibility`: who may apply. `publication`: what will be published about whom. `languages`: in which one may apply,
    codes of the portal; none: in all. `panel_size`: how many review (0: not yet said).
    """

    phase = models.OneToOneField(Phase, on_delete=models.PROTECT, related_name="call")
    questions = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    purpose = models.TextField(blank=True)
    eligibility = models.TextField(blank=True)
    seats = models.PositiveSmallIntegerField()
    term = models.CharField(max_length=300, blank=True)
    hours = models.CharField(max_length=300, blank=True)
    allowance = models.TextField(blank=True)
    publication = models.TextField(blank=True)
    criteria_introduction = models.TextField(blank=True)
    panel_size = models.PositiveSmallIntegerField(default=0)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("call for members")
        verbose_name_plural = gettext_lazy("calls for members")
        constraints = [models.CheckConstraint(condition=Q(seats__gt=0), name="call_has_seats")]
        triggers = [
            _noted("NEW.id || ':made'"),
            pgtrigger.Trigger(
                name="what_is_published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False),
                func=_CALL_STAYS,
            ),
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
            _whole("NEW.id"),
        ]

    def __str__(self) -> str:
        return labels.label(self, "title").text


class Criterion(models.Model):
    """One line of the rubric; weights of those in force add up to 100 (percent).

    `retired_at`: since when an act has it no more in the rubric (null: it is in force); what was scored by it stays.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=300)
    help_text = models.CharField(max_length=600, blank=True)
    weight = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        verbose_name = gettext_lazy("criterion")
        verbose_name_plural = gettext_lazy("criteria")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "position"], name="one_criterion_per_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(weight__gte=1), name="a_criterion_weighs_something"),
        ]
        triggers = [
            _only_by_an_act("{row}.call_id", _words("label", "help_text"), goes=False),
            _whole("NEW.call_id"),
        ]

    def __str__(self) -> str:
        return f"criterion {self.pk}"


class ScoreMeaning(models.Model):
    """What one score, 1 to 5, means on a criterion: the anchor that reviewers read beside it."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="meanings")
    score = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=600)

    class Meta:
        ordering = ["score"]
        verbose_name = gettext_lazy("meaning of a score")
        verbose_name_plural = gettext_lazy("meanings of scores")
        constraints = [
            models.UniqueConstraint(fields=["criterion", "score"], name="one_meaning_per_score"),
            models.CheckConstraint(
                condition=Q(score__gte=LOWEST, score__lte=HIGHEST), name="meaning_of_a_score_in_range"
            ),
        ]
        triggers = [
            _only_by_an_act(
                "(SELECT call_id FROM recruitment_criterion WHERE id = {row}.criterion_id)", _words("text"), goes=True
            )
        ]

    def __str__(self) -> str:
        return f"score {self.score} of criterion {self.criterion_id}"


class Clarification(models.Model):
    """A question about the call and its answer. It may be added to a published call; then it stays as other words of
    the call do."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="clarifications")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=300)
    answer = models.TextField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        verbose_name = gettext_lazy("question about a call")
        verbose_name_plural = gettext_lazy("questions about calls")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "position"],
                name="one_clarification_per_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="what_is_published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
IF {_IS_PUBLISHED.replace("{call}", "OLD.call_id")} AND (
    TG_OP = 'DELETE'
    OR {_differs("key <> 'position' AND NOT (" + _ANSWER_WORDS + ")")}
    OR {_unsaid("OLD.call_id", _ANSWER_WORDS)}
) THEN
    {_REFUSE.replace("{what}", "what a published call answers stays")}
END IF;
IF TG_OP = 'DELETE' THEN
    RETURN OLD;
END IF;
IF NEW.call_id <> OLD.call_id AND {_IS_PUBLISHED.replace("{call}", "NEW.call_id")} THEN
    {_REFUSE.replace("{what}", "what a published call answers stays")}
END IF;
RETURN NEW;
""",
            )
        ]

    def __str__(self) -> str:
        return f"clarification {self.pk}"


class CallChange(models.Model):
    """A changed number of seats, another rubric, or other words of a published call: a public act with its reason.

    `number` counts a call's acts. The rubric before and after is kept as `queries.kept` writes it: per criterion its
    id, labels, help texts, weight and meanings, by language. `words` are the texts that changed, each with its table,
    row, field, language, column, and what it said before and says now. The reason is translated, and append-only too.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="changes")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=ChangeKind)
    old_seats = models.PositiveSmallIntegerField(null=True)
    new_seats = models.PositiveSmallIntegerField(null=True)
    old_criteria = models.JSONField(null=True)
    new_criteria = models.JSONField(null=True)
    words = models.JSONField(null=True)
    reason = models.TextField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        verbose_name = gettext_lazy("change of a call")
        verbose_name_plural = gettext_lazy("changes of calls")
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="one_call_change_per_number"),
            models.CheckConstraint(
                condition=Q(
                    kind="seats",
                    old_seats__gte=1,
                    new_seats__gte=1,
                    old_criteria__isnull=True,
                    new_criteria__isnull=True,
                    words__isnull=True,
                )
                | Q(
                    kind="criteria",
                    old_seats__isnull=True,
                    new_seats__isnull=True,
                    old_criteria__isnull=False,
                    new_criteria__isnull=False,
                    words__isnull=True,
                )
                | Q(
                    kind="words",
                    old_seats__isnull=True,
                    new_seats__isnull=True,
                    old_criteria__isnull=True,
                    new_criteria__isnull=True,
                    words__isnull=False,
                ),
                name="a_call_change_says_from_what_to_what",
            ),
            models.CheckConstraint(
                condition=~Q(kind="seats") | ~Q(old_seats=models.F("new_seats")), name="seats_change_to_others"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            _noted("NEW.call_id || ':' || NEW.kind"),
            pgtrigger.Trigger(
                name="tells_the_rubric",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=_TELLS_THE_RUBRIC,
            ),
            pgtrigger.Trigger(
                name="changes_its_call",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_CHANGES_ITS_CALL,
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.number} of call #{self.call_id}"
