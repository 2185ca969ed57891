"""What was said, what is answered in it, and how it was worded before."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from feedback import comments, elsewhere
from feedback.enums import (
    FOR_EVERYBODY,
    FOR_STAFF,
    OF_ELSEWHERE,
    SLIGHT,
    BrokenRule,
    Channel,
    ItemState,
    ReadState,
    Speaker,
    Visibility,
)
from feedback.models.judged import Judged
from feedback.models.windows import FeedbackWindow
from proposals.models import Revision, Unit
from taskforce.accounts.models import User
from taskforce.questions import describe
from taskforce.questions.enums import PARAGRAPH
from taskforce.questions.models import Question

# The day (UTC) on which something was received: all that a public list says of when, so all that it may go by.
RECEIVED_ON = models.Func(
    "received_at", template="((%(expressions)s AT TIME ZONE 'UTC')::date)", output_field=models.DateField()
)


class FeedbackItem(Judged):
    """What someone said, on which revision, in which language.

    `form_key` is the nonce of the form it came by: the same form again is the same item, and `fields_digest`
    tells whether it says the same. The link to one's own item is known by `token_hash` only. `state_at`,
    `state_reason` and `moderator` (who made it, if it was staff) belong to the last change of `state` (null and empty:
    still as it was received), as does the `rule` that was broken, of what is hidden. `suspicion` is what
    about it looked like a machine's when it came; `fingerprint` are the marks that nearly equal texts have in common
    (`suspects`). `unit` is the paragraph that it is about, whether the text still has it or not; null: the whole text.
    `read_language` is the language of the page that they read ("": not known), `read_state` and `read_percent` how what
    it is about stood in it after `revision`, which is what stood when the form was shown.
    `search_text` is by what everybody finds it (`search`), empty where not everybody may read it. `was_public`: it
    stood where its `visibility` let it, if only for a while, so its reference may be known. `answered` are the ids of
    the questions that its answers are to, kept beside it so that the list is counted without a look at answers.
    `edits` counts how often its author has changed it, the last time at `edited_at`: what it said before are its
    `wordings`. `terms` is the version of the terms that its author agreed to ("": it came before versions were kept).
    `alike` is the id of the first of those that say nearly the same as it (null: it was the first, or none does).
    `author` is whose account it came from, where the window asks for one: shown to nobody but them.
    `agreed` counts its `FeedbackAgreement`s, so that a list can go by it; `replied` the replies to it that stand.
    `translated_text` is its translations in the form of `search_text`. `poster` is a code of the network or, where the
    window asks for one, the mailbox that it came from, for a few days and for blocks alone (`blocks`). `confirmed_at`
    is when its author followed the link of the mail, where the window asks for that (null: it needed none).

    `standing` is the disposition that holds for it, its own or its theme's, `became` the outcome of that ("": nothing
    is decided) and `became_in` the number of the revision that has taken it up: kept beside it by `services.standing`,
    so that a list says and counts what became of things without a look at dispositions.

    What was said elsewhere (every `channel` but the web) was entered by a facilitator: `said_on` is the day of it,
    `spoke` who spoke, as a role of the list and never in words, `spoke_words` in words, for staff alone, `place_url`
    where it is to be read ("": nowhere), `entered_by` the facilitator (null: nobody any more), `consent_at` when they
    said that those who spoke know of it (null: that was not kept yet). No link to one's own item leads to it.
    """

    # Each index is one more entry with every text that comes, so there is none that another one stands for: here
    # `feedback_list`.
    window = models.ForeignKey(
        FeedbackWindow, on_delete=models.PROTECT, related_name="items", db_index=False, verbose_name=_("window")
    )
    reference = models.CharField(max_length=20, unique=True, verbose_name=_("reference"))
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    # Nothing is looked for by it, and no revision is ever deleted.
    revision = models.ForeignKey(
        Revision, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("revision")
    )
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("paragraph")
    )
    language = models.CharField(max_length=35, verbose_name=_("language"))
    read_language = models.CharField(max_length=10, blank=True, default="", verbose_name=_("language that was read"))
    read_state = models.CharField(
        max_length=10, choices=ReadState, blank=True, default="", verbose_name=_("what was read")
    )
    read_percent = models.PositiveSmallIntegerField(null=True, verbose_name=_("percent translated"))
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB, verbose_name=_("channel"))
    visibility = models.CharField(max_length=10, choices=Visibility, verbose_name=_("who may read it"))
    alike = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120, blank=True, verbose_name=_("name"))
    received_at = models.DateTimeField(verbose_name=_("received"))
    in_grace = models.BooleanField(default=False, verbose_name=_("received in the grace after the close"))
    said_on = models.DateField(null=True, verbose_name=_("said on"))
    spoke = models.CharField(max_length=12, choices=Speaker, blank=True, default="", verbose_name=_("who spoke"))
    spoke_words = models.CharField(max_length=120, blank=True, default="", verbose_name=_("who spoke, in words"))
    consent_at = models.DateTimeField(null=True, verbose_name=_("those who spoke know of it"))
    place_url = models.CharField(max_length=500, blank=True, default="", verbose_name=_("where it is to be read"))
    entered_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("entered by")
    )
    search_text = models.TextField(blank=True, default="")
    was_public = models.BooleanField(default=False)
    answered = ArrayField(models.BigIntegerField(), default=list, blank=True)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    terms = models.CharField(max_length=10, blank=True, default="", verbose_name=_("terms"))
    edits = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, verbose_name=_("changed by its author"))
    agreed = models.PositiveIntegerField(default=0, verbose_name=_("people who agree"))
    replied = models.PositiveIntegerField(default=0, verbose_name=_("replies"))
    translated_text = models.TextField(blank=True, default="")
    poster = models.CharField(max_length=64, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    standing = models.ForeignKey(
        "feedback.Disposition", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    became = models.CharField(max_length=12, blank=True, default="")
    became_in = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("feedback item")
        verbose_name_plural = _("feedback items")
        ordering = ["-id"]
        constraints = [
            # Of what people write here themselves nobody else says who they are, nor where it stands.
            models.CheckConstraint(
                condition=~models.Q(channel=Channel.WEB)
                | models.Q(said_on=None, spoke="", spoke_words="", place_url="", entered_by=None, consent_at=None),
                name="only_elsewhere_is_entered",
            ),
            # What everybody reads of who spoke is of the list, whoever writes here.
            models.CheckConstraint(condition=models.Q(spoke__in=["", *Speaker.values]), name="a_role_spoke"),
            models.CheckConstraint(
                condition=models.Q(state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN), rule__in=BrokenRule.values)
                | (~models.Q(state=ItemState.HIDDEN) & models.Q(rule="")),
                name="hidden_for_a_rule",
            ),
        ]
        indexes = [
            models.Index(fields=["window", "state", "-id"], name="feedback_list"),
            # Not sorted in later: until then each look would go through all that waits for it.
            GinIndex(fields=["fingerprint"], name="feedback_fingerprint", fastupdate=False),
            # What one facilitator has entered, of all the many.
            models.Index(
                fields=["entered_by", "window", "-id"],
                condition=models.Q(entered_by__isnull=False),
                name="feedback_entered",
            ),
            # Most have neither: those cost nothing here.
            models.Index(fields=["unit"], condition=models.Q(unit__isnull=False), name="feedback_unit"),
            models.Index(fields=["author"], condition=models.Q(author__isnull=False), name="feedback_author"),
            # The few that are looked for while many come at once.
            models.Index(
                fields=["window"],
                condition=models.Q(state=ItemState.PUBLISHED, suspicion__in=sorted(SLIGHT)),
                name="feedback_odd",
            ),
            # The list that everybody reads, in its order, with what it is counted by.
            models.Index(
                "window",
                RECEIVED_ON.desc(),
                "reference",
                include=["id", "language", "channel", "unit", "answered", "became", "became_in"],
                condition=models.Q(state=ItemState.PUBLISHED, visibility__in=sorted(FOR_EVERYBODY)),
                name="feedback_readable",
            ),
            # By which the database finds that no item stands on an answer that is thrown away.
            models.Index(fields=["standing"], condition=models.Q(standing__isnull=False), name="feedback_standing"),
            # The same list with what most people agree with first.
            models.Index(
                "window",
                models.F("agreed").desc(),
                RECEIVED_ON.desc(),
                "reference",
                condition=models.Q(state=ItemState.PUBLISHED, visibility__in=sorted(FOR_EVERYBODY)),
                name="feedback_agreed",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_name(self) -> str:
        """The name that everybody reads beside it; empty where none was given, or none is to be read."""
        return self.name if self.visibility == Visibility.PUBLIC else ""

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether a facilitator has entered it for whoever spoke."""
        return self.said_on is not None

    @property
    def who_may_read(self) -> str:
        """Who may read it, for staff; of what was said elsewhere in the words in which that was chosen."""
        return str((OF_ELSEWHERE if self.is_from_elsewhere else FOR_STAFF)[Visibility(self.visibility)])

    @property
    def shown_role(self) -> str:
        """The code of who spoke, where everybody may know that; else empty."""
        return self.spoke if self.visibility == Visibility.PUBLIC else ""

    @property
    def shown_spoke(self) -> str:
        """Who spoke, as everybody reads it in their language; empty where only staff are to know that."""
        return str(self.get_spoke_display()) if self.shown_role else ""

    @property
    def shown_place(self) -> str:
        """The address at which everybody may look; empty where it would tell who spoke, and nobody is to know."""
        return elsewhere.public(self.place_url) if self.visibility == Visibility.PUBLIC else ""

    @property
    def shown_who(self) -> str:
        """By whom it is, as everybody reads it: a name, or what somebody was when they spoke; empty for neither."""
        return self.shown_name or self.shown_spoke


class FeedbackAnswer(models.Model):
    """One answer of an item to one question as it was worded then (null: it is a comment on the item's paragraph);
    `choices` are the codes of what was chosen (`questions.forms.Answer`)."""

    # Its index is the one of the constraint.
    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    choices = ArrayField(models.CharField(max_length=50), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "question"], nulls_distinct=False, name="one_answer_per_question")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    @property
    def asked(self) -> Question:
        """What it answers; what stands in the place of a question where it is a comment on a paragraph."""
        return self.question if self.question_id and self.question else comments.question()

    @property
    def asked_id(self) -> int:
        """The question as forms and translations call it."""
        return self.question_id or PARAGRAPH

    @property
    def chosen(self) -> list[SafeString]:
        """What was chosen, each in words for the reader; empty for a text. Uses prefetched choices."""
        return describe.chosen(self.asked, self.choices, self.text)


class FeedbackWording(models.Model):
    """What an item said before its author changed it: number 1 is what was sent first. Append-only.

    `answers` are {`question`: id, `text`, `choices`}, as `FeedbackAnswer` had them (null: of a comment). The
    name is not kept: whoever takes theirs off wants it gone.
    """

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="wordings")
    number = models.PositiveSmallIntegerField()
    said_at = models.DateTimeField()
    language = models.CharField(max_length=35)
    visibility = models.CharField(max_length=10, choices=Visibility)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()

    class Meta:
        ordering = ["item", "number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="one_earlier_wording_per_number")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"wording {self.number} of item {self.item_id}"

    @property
    def who_may_read(self) -> str:
        """For staff, as of the item."""
        return str((OF_ELSEWHERE if self.item.is_from_elsewhere else FOR_STAFF)[Visibility(self.visibility)])
