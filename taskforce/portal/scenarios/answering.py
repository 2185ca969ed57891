"""What becomes of what was said in the model case: the text takes some of it up, themes and items are answered, and the
text is called final with the number of those that are not.

In the project's own words, in three languages, so that the others show how an answer that is not translated is read.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from feedback import answering
from feedback.models import FeedbackItem
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from feedback.services.finality import call_final
from proposals import services as proposals
from proposals import working
from proposals.models import Proposal, UnitText
from proposals.services import buttons, drafts
from taskforce.portal.scenarios import asking
from taskforce.portal.scenarios.world import WINDOW, World

Texts = Mapping[str, str]
# Behind the paragraph that begins so, in the section that says it in short.
_BEHIND = "我們提議成立"
_ADDED = {
    "zh-hant": "專案組先幫助新成員：有人可以請教，培訓從自己的語言開始。會前公布議程，會後一週內公布紀錄。",
    "en": "The task force helps newcomers first: somebody to ask, and training that begins in one’s own language. "
    "Agendas are published before each meeting, minutes within a week after it.",
}
_SUMMARY = "採納反饋：先幫助新成員，公開工作"


class Theme(NamedTuple):
    """A theme, how the texts begin that are put in it (empty: all of the window), and the answer to all of them."""

    window: str
    titles: Texts
    begin: tuple[str, ...]
    outcome: str
    answers: Texts


class Own(NamedTuple):
    """The answer to one text, which begins so."""

    begin: str
    outcome: str
    answers: Texts


_THEMES = (
    Theme(
        WINDOW,
        {"en": "Newcomers and training first", "zh-hant": "先做新人與培訓", "ar": "القادمون الجدد والتدريب أولًا"},
        ("Start with mentoring", "نحتاج إلى تدريب", "Que el grupo publique", "我們希望培訓", "प्रशिक्षण छोटे"),
        "adopted",
        {
            "en": "The text now says that newcomers come **first**, and training in one’s own language.",
            "zh-hant": "文本現在寫明：**先**幫助新成員，並以自己的語言培訓。",
            "ar": "يقول النص الآن إن القادمين الجدد **أولًا**، وإن التدريب يكون بلغة المرء.",
        },
    ),
    Theme(
        WINDOW,
        {"en": "Work that everybody can follow", "zh-hant": "人人看得到的工作", "ar": "عمل يستطيع الجميع متابعته"},
        ("会議の時間", "Bitte offen", "سجّلوا", "Publish the minutes", "希望每个月", "Sediakan pertemuan"),
        "partly",
        {
            "en": "Agendas and minutes are in the text. When to meet, the members decide once they are known.",
            "zh-hant": "議程與紀錄已寫入文本。何時開會，待成員選出後由他們決定。",
            "ar": "جدول الأعمال والمحاضر في النص. أما أوقات الاجتماع فيقررها الأعضاء حين يُعرفون.",
        },
    ),
    Theme(
        WINDOW,
        {"en": "The name, and what leading means", "zh-hant": "名稱，以及帶領的意思", "ar": "الاسم ومعنى القيادة"},
        ("請先把「領導力」", "“Task force” sounds", "Mulailah dari definisi", "القيادة عندنا"),
        "noted",
        {
            "en": "A shared definition is the first task of the members. The name stays until they have one.",
            "zh-hant": "共同的定義是成員的第一項工作。在此之前，名稱不變。",
            "ar": "التعريف المشترك هو أول مهام الأعضاء، ويبقى الاسم حتى يتفقوا عليه.",
        },
    ),
    Theme(
        asking.SLUG,
        {"en": "What people want to learn", "zh-hant": "大家想學什麼", "ar": "ما يريد الناس تعلمه"},
        (),
        "noted",
        {
            "en": "Thank you. The members begin their plan for training with these answers.",
            "zh-hant": "謝謝。成員將以這些回答作為培訓計畫的起點。",
            "ar": "شكرًا. سيبدأ الأعضاء خطة التدريب من هذه الإجابات.",
        },
    ),
)
_OWN = (
    Own(
        "El grupo no debería",
        "noted",
        {"en": "The text says so already: the group hands out no money.", "zh-hant": "文本已寫明：小組不分配經費。"},
    ),
    Own(
        "Срок в один год",
        "declined",
        {
            "en": "The term stays one year: whoever can give that much is easier to find. It can be prolonged.",
            "zh-hant": "任期仍為一年：這樣比較容易找到人，之後可以延長。",
            "ar": "تبقى المدة سنة واحدة، فإيجاد من يستطيع ذلك أسهل، ويمكن تمديدها.",
        },
    ),
    Own(
        "نرجو تمديد",
        "out-of-scope",
        {
            "en": "This is not about the text, but it is right: next time the translations come first.",
            "zh-hant": "這與文本無關，但說得對：下次先完成翻譯。",
            "ar": "هذا لا يخص النص، لكنه صحيح: في المرة القادمة تأتي الترجمات أولًا.",
        },
    ),
)
_WHY_NOT_ALL = {
    "en": "They ask about the members’ work in detail, which the members answer themselves from May on.",
    "zh-hant": "這些意見談的是成員工作的細節，將由成員自五月起自行回覆。",
    "ar": "تسأل عن تفاصيل عمل الأعضاء، وسيجيب عنها الأعضاء أنفسهم ابتداءً من مايو.",
}


def revise(world: World, at: datetime) -> None:
    """The coordinator adds a paragraph that takes up what was said, and translates it."""
    text, lead = world.proposals["proposal"], world.people["coordinator"]
    piece = next(one for one in working.working(text).copy.pieces() if one.text.startswith(_BEHIND))
    key = drafts.change(text.pk, lambda copy: buttons.add_after(copy, piece.key), editor=lead, at=at)
    new = next(one for one in working.working(text).copy.pieces() if one.key == key)
    drafts.save(text.pk, {key: drafts.Typed(_ADDED["zh-hant"], None, new.token)}, None, editor=lead, at=at)
    proposals.publish_draft(
        text.pk,
        summary=_SUMMARY,
        is_minor=False,
        expected=working.working(text).token,
        editor=lead,
        at=at,
    )
    unit = UnitText.objects.get(unit__proposal=text, language="zh-hant", text=_ADDED["zh-hant"]).unit_id
    proposals.save_translations(text.pk, "en", {unit: _ADDED["en"]}, editor=lead, at=at)


def answer(world: World, at: datetime) -> None:
    """The coordinator sorts what was said, answers most of it, and publishes the answers window by window."""
    lead = world.people["coordinator"]
    number = world.proposals["proposal"].revisions.get(summary=_SUMMARY).number
    for theme in _THEMES:
        window = world.windows[theme.window].pk
        made = acts.add_theme(window, titles=theme.titles, descriptions={}, actor=lead, at=at)
        acts.sort(window, _seen(window, theme.begin), theme_id=made.pk, actor=lead, at=at)
        stamp = next(one.stamp for one in answering.themes(window) if one.theme == made)
        acts.draft_for_theme(made.pk, _wanted(theme, number), expected=stamp, actor=lead, at=at)
    window = world.windows[WINDOW].pk
    for own in _OWN:
        acts.draft(window, _seen(window, (own.begin,)), _wanted(own, number), actor=lead, at=at)
    for one in world.windows.values():
        acts.release(one.pk, seen=answering.ready(one).seen, actor=lead, at=at)


def _newest(text: Proposal) -> int:
    return text.revisions.order_by("-number").values_list("number", flat=True)[0]


def _wanted(said: Theme | Own, number: int) -> Wanted:
    return Wanted(said.outcome, number if said.outcome in ("adopted", "partly") else None, said.answers)


def _seen(window: int, begin: tuple[str, ...]) -> dict[int, str]:
    """The published items of a window that begin so, each with its stamp."""
    found = FeedbackItem.objects.filter(window=window, state="published").annotate(first=F("answers__text"))
    chosen = [item for item in found.distinct() if not begin or (item.first or "").startswith(begin)]
    return {pk: one.stamp for pk, one in answering.answers_of(chosen).items()}


def call_it_final(world: World, at: datetime) -> None:
    """What is not answered by then is said in public."""
    text = world.proposals["proposal"]
    left = answering.left_with_coming(list(world.windows.values()), at).to_say
    call_final(
        text.pk, revision=_newest(text), left=left, statements=_WHY_NOT_ALL, actor=world.people["coordinator"], at=at
    )
