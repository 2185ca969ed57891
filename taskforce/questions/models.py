"""Question sets, their versions, questions and choices: rows, never columns.

A version that was published is never edited; a change makes the next version, and answers keep the one they
answered. Labels are translated by django-modeltranslation.
"""

from django.db import models

from taskforce.questions.enums import QuestionKind


class QuestionSet(models.Model):
    """A named set; what is asked stands in its versions."""

    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.slug


class QuestionSetVersion(models.Model):
    """One wording of a set."""

    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question_set", "number"], name="one_version_number")]

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

    def __str__(self) -> str:
        return self.code
