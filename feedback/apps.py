"""Feedback: windows in which a community says what it thinks of a text."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights
from taskforce.core import errorpages, slots


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        """Fill the places that texts leave on their pages and the map of personal data, and tell the timeline what
        phases for feedback need."""
        from feedback import answering, personal_data, queries, rules  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.final_slot import FINAL, on_final  # noqa: PLC0415 - as above
        from feedback.notices import answers as answer_notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.notices import author as author_notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.notices import items as notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.notices import moderation as moderation_notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.notices import replies as reply_notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.notices import summary as summary_notices  # noqa: PLC0415 - models exist only once the apps are loaded
        from feedback.revision_slot import on_revision  # noqa: PLC0415 - as above
        from feedback.services.finality import unanswered  # noqa: PLC0415 - as above
        from feedback.slots import (  # noqa: PLC0415 - as above
            IN_PHASES,
            WINDOWS,
            ask_in_a_window,
            drafts_of_browser,
            labels,
            labels_of_a_change,
            labels_of_a_new_window,
            labels_of_a_reply,
            labels_of_a_report,
            labels_of_a_summary,
            labels_of_a_table,
            labels_of_a_translation,
            labels_of_an_appeal,
            labels_of_an_appeal_for_a_reply,
            labels_of_an_appeal_for_others,
            labels_of_correcting,
            labels_of_entering,
            labels_of_taking_back,
            on_account,
            on_ending,
            on_facilitator,
            on_paragraph,
            on_proposal,
            replies_on_account,
            to_translate,
            uses_of_questions,
        )
        from feedback.subjects import asked_about  # noqa: PLC0415 - as above
        from taskforce.questions import uses  # noqa: PLC0415 - as above
        from taskforce.timeline import offers, subjects  # noqa: PLC0415 - as above

        rights.register(self.name, self.verbose_name, rules.WHO)
        slots.fill("proposal.page", on_proposal, {WINDOWS: queries.on_text})
        slots.fill("proposal.page", on_final, {FINAL: answering.final_on_text})
        slots.fill("proposal.paragraph", on_paragraph)
        slots.fill("proposal.revision", on_revision)
        slots.fill("proposal.ending", on_ending)
        slots.fill("account.role", on_facilitator)
        slots.fill("account.said", on_account)
        slots.fill("account.said", replies_on_account)
        slots.fill("account.browser", drafts_of_browser)
        slots.fill("account.role", to_translate)
        offers.register(IN_PHASES)
        uses.register(uses_of_questions)
        uses.register_way(ask_in_a_window)
        subjects.register(asked_about, queries.asked_in_phases, unanswered)
        errorpages.register("feedback:window", labels)
        errorpages.register("feedback:enter", labels_of_entering)
        errorpages.register("feedback:correct", labels_of_correcting)
        errorpages.register("feedback:table", labels_of_a_table)
        errorpages.register("feedback:take_back", labels_of_taking_back)
        errorpages.register("feedback:edit", labels_of_a_change)
        errorpages.register("feedback:appeal", labels_of_an_appeal)
        errorpages.register("feedback:appeal_reply", labels_of_an_appeal_for_a_reply)
        errorpages.register("feedback:appeal_entered", labels_of_an_appeal_for_others)
        errorpages.register("feedback:reply", labels_of_a_reply)
        errorpages.register("feedback:report", labels_of_a_report)
        errorpages.register("feedback:report_reply", labels_of_a_report)
        errorpages.register("feedback:translate_item", labels_of_a_translation)
        errorpages.register("feedback:translate_summary", labels_of_a_summary)
        errorpages.register("admin:feedback_feedbackwindow_add", labels_of_a_new_window)
        notices.register()
        reply_notices.register()
        author_notices.register()
        moderation_notices.register()
        summary_notices.register()
        personal_data.register()
        answer_notices.register()
