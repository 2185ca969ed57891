"""Question sets, their versions, questions and choices: rows, never columns.

A version that was published is never edited; a change makes the next version, and answers keep the one they
answered. Labels are translated by django-modeltranslation.
"""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from taskforce.questions.enums import QuestionKind

# Which versions this transaction has made: what belongs to one is written with it, and never put beside it later.
_NOTE_VERSION = """
PERFORM set_config(
    'questions.made', coalesce(current_setting('questions.made', true), '') || ' ' || NEW.id || ' ', true
);
RETURN NULL;
"""
_WITH_ITS_VERSION = """
IF position(' ' || {version} || ' ' IN coalesce(current_setting('questions.made', true), '')) = 0 THEN
    RAISE EXCEPTION 'version % of questions is written, and nothing can be put beside it', {version}
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""
# A word that a text should not say any more is put right by an act of its own (`timeline.services.correct_label`),
# which names the row; whatever else a row says stays.
_WORDS_ONLY = r"""
IF coalesce(current_setting('portal.corrected_label', true), '') <> TG_TABLE_NAME || ' ' || OLD.id
    OR EXISTS (
        SELECT FROM jsonb_each(to_jsonb(NEW)) AS says JOIN jsonb_each(to_jsonb(OLD)) AS said USING (key)
        WHERE says.value <> said.value AND key !~ '^((least_|most_)?label|help_text)(_|$)'
    )
THEN
    RAISE EXCEPTION '% % of a version of questions never changes', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""


def _written_once(version: str) -> list[pgtrigger.Trigger]:
    """For what belongs to a version, which `version` gives in SQL: never added later, changed or deleted."""
    made = _WITH_ITS_VERSION.replace("{version}", version)
    return [
        pgtrigger.Protect(name="nothing_is_deleted", operation=pgtrigger.Delete),
        pgtrigger.Trigger(name="words_only", when=pgtrigger.Before, operation=pgtrigger.Update, func=_WORDS_ONLY),
        pgtrigger.Trigger(name="with_its_version", when=pgtrigger.Before, operation=pgtrigger.Insert, func=made),
    ]


class QuestionSet(models.Model):
    """A named set; what is asked stands in its versions. One of a task force (by its id) is asked in that one only;
    null: in any."""

    slug = models.SlugField(unique=True)
    task_force_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("set of questions")
        verbose_name_plural = _("sets of questions")

    def __str__(self) -> str:
        return self.slug


class QuestionSetVersion(models.Model):
    """One wording of a set."""

    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question_set", "number"], name="one_version_number")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(name="note", when=pgtrigger.After, operation=pgtrigger.Insert, func=_NOTE_VERSION),
        ]

    def __str__(self) -> str:
        return f"#{self.question_set_id}, version {self.number}"


class Question(models.Model):
    """One question of one version; `max_length` counts characters (0: no limit of its own).

    `least` and `most` are the ends of a scale, with a label each, or how many of several choices may be made (0: any
    number).
    """

    version = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=QuestionKind)
    label = models.CharField(max_length=300)
    help_text = models.CharField(max_length=600, blank=True)
    required = models.BooleanField(default=False)
    max_length = models.PositiveIntegerField(default=0)
    least = models.PositiveSmallIntegerField(default=0)
    most = models.PositiveSmallIntegerField(default=0)
    least_label = models.CharField(max_length=300, blank=True)
    most_label = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_question_per_position")]
        triggers = _written_once("NEW.version_id")

    def __str__(self) -> str:
        return f"q-{self.pk}"


class Choice(models.Model):
    """One choice of a question; `code` is what is stored, the label is what people see."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="choices")
    position = models.PositiveSmallIntegerField()
    code = models.SlugField()
    label = models.CharField(max_length=300)

    class Meta:
        ordering = ["question", "position"]
        constraints = [models.UniqueConstraint(fields=["question", "code"], name="one_choice_per_code")]
        triggers = _written_once("(SELECT version_id FROM questions_question WHERE id = NEW.question_id)")

    def __str__(self) -> str:
        return self.code


class Draft(models.Model):
    """The next version of a set while it is written; gone once it is published.

    It is no version: nothing is asked with it. `content` holds the questions as `questions.drafts` reads them, which
    also makes the token of it, so that whoever comes second is told.
    """

    question_set = models.OneToOneField(QuestionSet, on_delete=models.PROTECT, related_name="draft")
    content = models.JSONField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of #{self.question_set_id}"
