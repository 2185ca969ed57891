"""The summary of the model case: drafted when the feedback has closed, published before members are looked for.

In the project's own words; in three languages, so that the others show how a text that is not translated is read.
"""

from datetime import datetime

from feedback import summaries
from feedback.services import summaries as services
from taskforce.portal.scenarios.world import WINDOW, World

_TEXTS = {
    "en": """\
**{total} texts** can be read by everybody. This is what they have in common, and where they differ.

- Most want the group to help newcomers first: somebody to ask, and training that begins in one’s own language.
- The name was disputed. “Task force” sounds military in several languages, and “leader” like a rank.
- Many ask for open work: an agenda before each meeting, minutes after it, and hours that do not always suit one region.
- Some do not want the group to hand out money. A few would rather wait.
""",
    "zh-hant": """\
所有人都可以讀到 **{total} 篇**反饋。以下是它們的共同點與分歧。

- 多數人希望小組先幫助新人：有人可以請教，培訓從自己的語言開始。
- 名稱有爭議。「專案組」在一些語言裏聽起來像軍隊，「領導者」像職位。
- 許多人要求公開工作：會前有議程，會後有紀錄，時間不總是只方便一個地區。
- 有些人不希望小組分配資金。少數人寧可再等。
""",
    "ar": """\
يستطيع الجميع قراءة **{total}** من النصوص. هذا ما يجمعها وما تختلف فيه.

- يريد معظمها أن يساعد الفريق القادمين الجدد أولًا: شخص يُسأل، وتدريب يبدأ بلغة المرء.
- كان الاسم موضع خلاف، فهو يبدو عسكريًا في عدة لغات، وتبدو كلمة «قائد» رتبةً.
- يطلب كثيرون عملًا مفتوحًا: جدول أعمال قبل كل اجتماع ومحضر بعده، وأوقات لا تناسب منطقة واحدة دائمًا.
- لا يريد بعضهم أن يوزع الفريق المال، ويفضل قليلون الانتظار.
""",
}
_DAYS = 14


def draft(world: World, at: datetime) -> None:
    """The coordinator writes it."""
    written = services.Written(_TEXTS, "en", (), _DAYS)
    services.save(world.windows[WINDOW].pk, written, seen=0, actor=world.people["coordinator"])


def publish(world: World, at: datetime) -> None:
    """And publishes it, with what is counted then."""
    window = world.windows[WINDOW]
    found = summaries.draft_of(window)
    assert found is not None  # noqa: S101 - it was drafted before
    services.publish(
        window.pk, version=found.version, number=1, changes={}, recount=False, actor=world.people["coordinator"]
    )
