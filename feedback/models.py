"""Feedback windows, items and their answers; tables of what was said elsewhere."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from feedback import elsewhere
from feedback.answer_models import Disposition as Disposition
from feedback.answer_models import FinalCall as FinalCall
from feedback.answer_models import Release as Release
from feedback.answer_models import Theme as Theme
from feedback.answer_models import ThemedItem as ThemedItem
from feedback.block_models import FeedbackBlock as FeedbackBlock
from feedback.enums import (
    FOR_EVERYBODY,
    OF_ELSEWHERE,
    SLIGHT,
    AppealOutcome,
    BrokenRule,
    Channel,
    ItemState,
    LineFault,
    Participation,
    ReadState,
    Speaker,
    Suspicion,
    Visibility,
)
from feedback.report_models import FeedbackReport as FeedbackReport
from feedback.told_models import ToldMailbox as ToldMailbox
from proposals.models import Proposal, Revision, Unit
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.core import labels
from taskforce.questions import describe
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.timeline.models import Phase


class FeedbackWindow(models.Model):
    """Binds a phase, a text and questions; title, introduction and `terms`, which stand above the button besides
    the licence (`feedback.terms`), are translated. `participation` says who can say something in it, `is_read_first`
    that nothing stands there until a moderator has read it; neither changes."""

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="feedback_windows")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="feedback_windows")
    questions = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField()
    title = models.CharField(max_length=300)
    introduction = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)
    participation = models.CharField(
        max_length=10, choices=Participation, default=Participation.ANYBODY, verbose_name=_("who can take part")
    )
    is_read_first = models.BooleanField(default=False, verbose_name=_("each text is read before it appears"))

    class Meta:
        verbose_name = _("feedback window")
        verbose_name_plural = _("feedback windows")
        constraints = [models.UniqueConstraint(fields=["phase", "slug"], name="one_window_per_slug")]

    def __str__(self) -> str:
        return labels.label(self, "title").text or self.slug


class SummaryDraft(models.Model):
    """What is being written about a window: `texts` by language, of which that in `source` is the one that the others
    are made from; `made_from` holds for each of them the digest of the source it was made from, `hands` whose work it
    is: the ids of its `writers`, of the `reviewer` who has compared it with its source (null: nobody has), and the
    `stamp` of the two texts that this belongs to.

    `days` after its close the summary is expected. `version` rises with each save.
    """

    window = models.OneToOneField(FeedbackWindow, on_delete=models.PROTECT, related_name="summary_draft")
    source = models.CharField(max_length=10)
    texts = models.JSONField(default=dict)
    made_from = models.JSONField(default=dict)
    hands = models.JSONField(default=dict)
    days = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=0)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of the summary of #{self.window_id}"


class Summary(models.Model):
    """A summary as it was published, and for good: a later version is another row, which says what changed and why.

    `texts` and `changes` are {language: text}; `outdated` are the languages in which the text was made from an earlier
    source, `reviewed` those in which a second person had compared it with its source; `tally` is what was counted
    (`counting.Tally.as_json`) at `counted_at`, which a later version may keep.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="summaries")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=10)
    texts = models.JSONField()
    outdated = models.JSONField(default=list)
    reviewed = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    tally = models.JSONField()
    counted_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["window", "number"], name="one_summary_number"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(changes={}), name="a_later_summary_says_what_changed"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"summary {self.number} of #{self.window_id}"


class SummaryReminder(models.Model):
    """That staff were reminded of a summary; once for each end of its phase."""

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="+")
    ends_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["window", "ends_version"], name="one_summary_reminder")]

    def __str__(self) -> str:
        return f"reminder of the summary of #{self.window_id}"


# The day (UTC) on which something was received: all that a public list says of when, so all that it may go by.
RECEIVED_ON = models.Func(
    "received_at", template="((%(expressions)s AT TIME ZONE 'UTC')::date)", output_field=models.DateField()
)


class FeedbackItem(models.Model):
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
    window asks for one, the mailbox that it came from, for a few days and for blocks alone (`blocks`).

    What was said elsewhere (every `channel` but the web) was entered by a facilitator: `said_on` is the day of it,
    `spoke` who spoke, as a role of the list and never in words, `spoke_words` in words, for staff alone, `place_url`
    where it is to be read ("": nowhere), `entered_by` the facilitator (null: nobody any more), `consent_at` when they
    said that those who spoke know of it (null: that was not kept yet). No link to one's own item leads to it.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="items", verbose_name=_("window"))
    reference = models.CharField(max_length=20, unique=True, verbose_name=_("reference"))
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    revision = models.ForeignKey(
        Revision, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("revision")
    )
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("paragraph"))
    language = models.CharField(max_length=35, verbose_name=_("language"))
    read_language = models.CharField(max_length=10, blank=True, default="", verbose_name=_("language that was read"))
    read_state = models.CharField(
        max_length=10, choices=ReadState, blank=True, default="", verbose_name=_("what was read")
    )
    read_percent = models.PositiveSmallIntegerField(null=True, verbose_name=_("percent translated"))
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB, verbose_name=_("channel"))
    visibility = models.CharField(max_length=10, choices=Visibility, verbose_name=_("who may read it"))
    state = models.CharField(max_length=10, choices=ItemState, verbose_name=_("state"))
    state_at = models.DateTimeField(null=True)
    state_reason = models.TextField(blank=True, verbose_name=_("reason"))
    rule = models.CharField(
        max_length=12, choices=BrokenRule, blank=True, default="", verbose_name=_("rule that was broken")
    )
    moderator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    suspicion = models.CharField(max_length=12, choices=Suspicion, blank=True, verbose_name=_("held because"))
    fingerprint = ArrayField(models.BigIntegerField(), default=list, blank=True)
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
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    search_text = models.TextField(blank=True, default="")
    was_public = models.BooleanField(default=False)
    answered = ArrayField(models.BigIntegerField(), default=list, blank=True)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    terms = models.CharField(max_length=10, blank=True, default="", verbose_name=_("terms"))
    edits = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, verbose_name=_("changed by its author"))
    agreed = models.PositiveIntegerField(default=0, verbose_name=_("people who agree"))
    replied = models.PositiveIntegerField(default=0, verbose_name=_("replies"))
    translated_text = models.TextField(blank=True, default="")
    poster = models.CharField(max_length=64, blank=True, default="")

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
            GinIndex(fields=["fingerprint"], name="feedback_fingerprint"),
            # What one facilitator has entered, of all the many.
            models.Index(
                fields=["entered_by", "window", "-id"],
                condition=models.Q(entered_by__isnull=False),
                name="feedback_entered",
            ),
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
                include=["language", "channel", "unit", "answered"],
                condition=models.Q(state=ItemState.PUBLISHED, visibility__in=sorted(FOR_EVERYBODY)),
                name="feedback_readable",
            ),
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
        """Who may read it, in the words in which that was chosen."""
        return str(
            OF_ELSEWHERE[Visibility(self.visibility)] if self.is_from_elsewhere else self.get_visibility_display()
        )

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
    """One answer of an item to one question as it was worded then; `choices` are the codes of what was chosen
    (`questions.forms.Answer`)."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    choices = ArrayField(models.CharField(max_length=50), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    @property
    def chosen(self) -> list[SafeString]:
        """What was chosen, each in words for the reader; empty for a text. Uses prefetched choices."""
        return describe.chosen(self.question, self.choices, self.text)


class Sheet(models.Model):
    """A table of what was said elsewhere, as a facilitator pasted it: a part of the sweep enters its lines, each once.

    `form_key` is the nonce of the form it came by, `shown_at` when that form was shown, `fields_digest` whether it says
    the same. `columns` are what its columns are (`pasting`), `fallbacks` what a line means that leaves something out.
    It passed the gate at `pasted_at`, in the grace or not: so did each of its lines, whenever their turn comes.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="+")
    pasted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    shown_at = models.DateTimeField()
    pasted_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)
    names = ArrayField(models.TextField(), default=list, blank=True)
    columns = ArrayField(models.CharField(max_length=40, blank=True), default=list, blank=True)
    fallbacks = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["pasted_by", "window", "-id"], name="feedback_sheets")]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class SheetLine(models.Model):
    """A line of it: its cells and what was read of them (`told`; null: they could not be read), until it is entered;
    the item that was made of it; or why none was (`fault`). Neither item nor fault: it waits.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    cells = ArrayField(models.TextField(), default=list, blank=True)
    told = models.JSONField(null=True)
    fault = models.CharField(max_length=12, choices=LineFault, blank=True, default="")
    item = models.OneToOneField(FeedbackItem, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="one_line_per_number")]
        indexes = [
            # The few that wait, of all that ever did.
            models.Index(
                fields=["sheet", "number"], condition=models.Q(item=None, fault=""), name="feedback_lines_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"line {self.number}"


class FeedbackDraft(models.Model):
    """What was typed in the form of a window and not sent, in one browser, which alone finds it (`browsers`).

    `unit` is the paragraph by which its form was opened (null: none). `fields` are {name of a field: what was typed in
    it, as a list}. `version` counts what was kept, so that a tab which has not seen the last of it is found out.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="drafts")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    browser_hash = models.CharField(max_length=64)
    fields = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["browser_hash", "window", "unit"], nulls_distinct=False, name="one_draft_per_browser_and_place"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class FeedbackUnconfirmed(models.Model):
    """What was sent in a window that asks for a mail address, until the link in the mail is followed. It is no item
    before: nobody reads it and nothing counts it. The address itself is in the mail alone, sealed in its link too.

    `form_key`, `fields_digest` and `token_hash` as of an item; `said` are the columns of the item that it becomes, and
    its `answers` as those of a wording. `sent_at` is when it was sent: that it was in time is for good. `together` is
    the `form_key` of the first that waits from the same browser for the same mailbox ("": itself): one mail confirms
    all.
    """

    window = models.ForeignKey(FeedbackWindow, on_delete=models.PROTECT, related_name="unconfirmed")
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    said = models.JSONField()
    answers = models.JSONField()
    sent_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)
    together = models.CharField(max_length=64, blank=True, default="", db_index=True)

    def __str__(self) -> str:
        return f"unconfirmed {self.pk}"


class FeedbackWording(models.Model):
    """What an item said before its author changed it: number 1 is what was sent first. Append-only.

    `answers` are {`question`: id, `text`, `choices`}, as `FeedbackAnswer` had them. The name is not kept: whoever takes
    theirs off wants it gone.
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


class FeedbackAppeal(models.Model):
    """An author's words against the hiding of their item or reply, once; somebody else than who hid it decides.

    `rule` and `hidden_by` are as they stood when it was made. Nothing was decided while `outcome` is empty.
    """

    item = models.OneToOneField(FeedbackItem, null=True, on_delete=models.PROTECT, related_name="appeal")
    reply = models.OneToOneField("FeedbackReply", null=True, on_delete=models.PROTECT, related_name="appeal")
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()
    rule = models.CharField(max_length=12, choices=BrokenRule)
    hidden_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=AppealOutcome, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(item__isnull=True, reply__isnull=False)
                | models.Q(item__isnull=False, reply__isnull=True),
                name="appeal_for_an_item_or_a_reply",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("hidden_by")), name="appeal_decided_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_by=None, decided_at=None, reason="")
                | models.Q(
                    outcome__in=[AppealOutcome.UPHELD, AppealOutcome.PUT_BACK],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | models.Q(outcome=AppealOutcome.WITHDRAWN, decided_by=None, decided_at__isnull=False),
                name="appeal_decided_wholly",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal for reply {self.reply_id}" if self.reply_id else f"appeal for item {self.item_id}"


class FeedbackAgreement(models.Model):
    """That a person agrees with an item, as it stood after so many `edits`; nobody but them sees that it is them."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="agreements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    edits = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_agreement_per_person")]

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class FeedbackReply(models.Model):
    """What somebody with an account said to an item; nobody replies to a reply.

    Its states are those of items, as are `rule` and `moderator`. `author` is shown to nobody but them; `name` is what
    they chose to be called (empty: without a name). `is_answer`: it is said for the people who run the process.
    `form_key`, `fields_digest`, `suspicion`, `fingerprint`, `was_public` and `in_grace` are as an item's.
    """

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="replies", verbose_name=_("reply to"))
    reference = models.CharField(max_length=20, unique=True, verbose_name=_("reference"))
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_answer = models.BooleanField(default=False, verbose_name=_("answer by staff"))
    name = models.CharField(max_length=120, blank=True, verbose_name=_("name"))
    language = models.CharField(max_length=10, verbose_name=_("language"))
    text = models.TextField(verbose_name=_("reply"))
    state = models.CharField(max_length=10, choices=ItemState, verbose_name=_("state"))
    state_at = models.DateTimeField(null=True)
    state_reason = models.TextField(blank=True, verbose_name=_("reason"))
    rule = models.CharField(
        max_length=12, choices=BrokenRule, blank=True, default="", verbose_name=_("rule that was broken")
    )
    moderator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    suspicion = models.CharField(max_length=12, choices=Suspicion, blank=True, verbose_name=_("held because"))
    fingerprint = ArrayField(models.BigIntegerField(), default=list, blank=True)
    was_public = models.BooleanField(default=False)
    received_at = models.DateTimeField(verbose_name=_("received"))
    in_grace = models.BooleanField(default=False, verbose_name=_("received in the grace after the close"))

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN), rule__in=BrokenRule.values)
                | (~models.Q(state=ItemState.HIDDEN) & models.Q(rule="")),
                name="reply_hidden_for_a_rule",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "state"], name="feedback_replies"),
            GinIndex(fields=["fingerprint"], name="feedback_reply_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_name(self) -> str:
        """The name that everybody reads beside it; empty where none was given."""
        return self.name


class FeedbackTranslation(models.Model):
    """One version of an item in another language; the newest is what is read, one without texts is none any more.
    Append-only.

    `texts` are {id of a question, as text: what the answer to it says}, made of the item as it stood after so many
    `edits`. `name` is what its translator chose to be called (empty: nothing), `role` the role in which they did it.
    """

    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    texts = models.JSONField()
    edits = models.PositiveSmallIntegerField()
    translator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["item", "language", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "language", "number"], name="one_translation_per_number")
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"translation {self.number} of item {self.item_id} into {self.language}"
