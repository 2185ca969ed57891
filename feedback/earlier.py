"""What is there besides what everybody reads: what was typed and not sent, what came from an account, and what
an item said before."""

from feedback.models import FeedbackAnswer, FeedbackDraft, FeedbackItem, FeedbackWording
from taskforce.questions.models import Question


def draft(
    window_id: int, unit_id: int | None, browser_hash: str, *, is_to_change: bool = False
) -> FeedbackDraft | None:
    """What a browser has kept of the form of a window, opened by this paragraph or (None) by none; no statement for a
    browser without a secret."""
    if not browser_hash:
        return None
    found = FeedbackDraft.objects.filter(window=window_id, unit=unit_id, browser_hash=browser_hash)
    return (found.select_for_update() if is_to_change else found).first()


def said_by(user_id: int) -> list[FeedbackItem]:
    """What came from an account, the newest first, with its windows."""
    found = FeedbackItem.objects.filter(author=user_id).select_related("window__phase__task_force")
    return list(found.order_by("-id"))


def wordings(item: FeedbackItem) -> list[tuple[FeedbackWording, list[FeedbackAnswer]]]:
    """What an item said before its author changed it, the last first, each with its answers in the order of the
    questions; three queries at most."""
    found = list(item.wordings.order_by("-number")) if item.edits else []
    asked = {answer["question"] for wording in found for answer in wording.answers}
    questions = Question.objects.filter(pk__in=asked).order_by("position", "pk").prefetch_related("choices")
    in_order = list(questions) if asked else []
    return [(wording, _answers_of_wording(item, wording, in_order)) for wording in found]


def _answers_of_wording(item: FeedbackItem, wording: FeedbackWording, asked: list[Question]) -> list[FeedbackAnswer]:
    said = {answer["question"]: answer for answer in wording.answers}
    return [
        FeedbackAnswer(item=item, question=one, text=said[one.pk]["text"], choices=said[one.pk]["choices"])
        for one in asked
        if one.pk in said
    ]
