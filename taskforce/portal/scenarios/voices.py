"""What invented people say in the demo: feedback items, also what facilitators heard elsewhere, and applications, each
in its own language.

`after` counts from 1 February 2022, 12:00 UTC (items) and from 15 March 2022, 12:00 UTC (applications).
"""

from datetime import timedelta
from typing import NamedTuple


class Voice(NamedTuple):
    """One feedback item."""

    after: timedelta
    language: str
    visibility: str
    name: str
    support: str
    text: str


class Heard(NamedTuple):
    """Something that was said elsewhere a day before it was entered: by whom it was entered, and who spoke, as a role."""

    after: timedelta
    facilitator: str
    language: str
    channel: str
    spoke: str
    place: str
    visibility: str
    support: str
    text: str


class Candidate(NamedTuple):
    """One application: account key, name, language, whether the name may be published, answers, marks by reviewers."""

    key: str
    name: str
    language: str
    publish_name: bool
    after: timedelta
    time: str
    text: str
    marks: tuple[int, int]
    accepted: bool


def _days(days: int, hours: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours)


VOICES = (
    Voice(
        _days(1, 3),
        "en",
        "public",
        "Ola Demo",
        "yes",
        "Start with mentoring. A newcomer who is welcomed by name comes back; everything else can wait a year.",
    ),
    Voice(
        _days(2, 5),
        "zh-hant",
        "nameless",
        "",
        "changes",
        "請先把「領導力」說清楚。在我們的社群裡，這個詞聽起來像是職位，而不是幫助別人的能力。",
    ),
    Voice(
        _days(3, 1),
        "ar",
        "public",
        "سلمى التجريبية",
        "yes",
        "نحتاج إلى تدريب بلغتنا وليس إلى ترجمة تدريب أُعد للآخرين. ليبدأ الفريق من هنا.",
    ),
    Voice(
        _days(4, 8),
        "es",
        "nameless",
        "",
        "changes",
        "El grupo no debería repartir dinero. Que proponga y que otros decidan, así nadie discute sus motivos.",
    ),
    Voice(
        _days(5, 2),
        "ja",
        "public",
        "はな（デモ）",
        "undecided",
        "会議の時間が一つの地域に偏らないようにしてください。議事録があれば、参加できない人も意見を言えます。",
    ),
    Voice(
        _days(6, 4),
        "de",
        "public",
        "Jonas Demo",
        "yes",
        "Bitte offen arbeiten: Tagesordnung vorher, Protokoll nachher. Dann genügt mir eine kleine Gruppe.",
    ),
    Voice(
        _days(7, 6),
        "fr",
        "staff",
        "",
        "no",
        "Je crains un doublon avec le comité qui rédige la charte. Attendons qu’il ait fini.",
    ),
    Voice(
        _days(9, 3),
        "pt-br",
        "public",
        "Lia Demo",
        "yes",
        "Incluam quem organiza encontros fora da internet. Liderança também é reservar a sala e fazer o café.",
    ),
    Voice(
        _days(11, 5), "hi", "nameless", "", "yes", "छोटे समुदायों से कम से कम दो लोग हों। बड़े समुदायों की आदतें हर जगह नहीं चलतीं।"
    ),
    Voice(
        _days(12, 7),
        "ru",
        "public",
        "Нина Демо",
        "changes",
        "Срок в один год слишком мал, чтобы что-то проверить. Лучше полтора, с отчётом в середине.",
    ),
    Voice(
        _days(13, 2),
        "id",
        "public",
        "Budi Demo",
        "yes",
        "Mulailah dari definisi kepemimpinan yang dapat dipahami sukarelawan, bukan hanya staf.",
    ),
    Voice(_days(17, 9), "zh-hans", "public", "小林（演示）", "yes", "希望每个月都能看到他们做了什么，哪怕只有三句话。"),
    Voice(
        _days(22, 4),
        "en",
        "nameless",
        "",
        "changes",
        "“Task force” sounds military in my language. Please look for another name before you translate it.",
    ),
    Voice(
        _days(27, 1),
        "ar",
        "nameless",
        "",
        "changes",
        "نرجو تمديد فترة الملاحظات في المرة القادمة، فقد وصلتنا الترجمة متأخرة.",
    ),
)

HEARD = (
    Heard(
        _days(3, 4),
        "facilitator",
        "zh-hant",
        "chat",
        "newcomer",
        "",
        "public",
        "changes",
        "請寫清楚這個小組不決定誰可以當管理員。群組裡很多人以為它會。",
    ),
    Heard(
        _days(5, 6),
        "facilitator",
        "ar",
        "call",
        "organizer",
        "https://example.org/calls/5-february",
        "public",
        "yes",
        "سجّلوا الجلسات ولخّصوها بالعربية خلال أسبوع، فكثيرون لا يستطيعون الحضور.",
    ),
    Heard(
        _days(8, 2),
        "deputy",
        "en",
        "call",
        "contributor",
        "https://example.org/calls/8-february",
        "public",
        "changes",
        "Publish the minutes within a week, and say who answers questions in between.",
    ),
    Heard(
        _days(9, 7),
        "deputy",
        "fr",
        "one-to-one",
        "affiliate",
        "",
        "staff",
        "undecided",
        "Nous n’avons pas assez de bénévoles pour envoyer quelqu’un. Peut-on suivre sans être membre ?",
    ),
    Heard(
        _days(10, 3),
        "coordinator",
        "es",
        "talk-page",
        "organizer",
        "https://example.org/wiki/Discusion",
        "public",
        "yes",
        "Que el grupo publique una guía breve para quienes organizan su primer encuentro.",
    ),
    Heard(
        _days(12, 5),
        "facilitator",
        "zh-hant",
        "event",
        "group",
        "",
        "nameless",
        "yes",
        "我們希望培訓教材可以自由修改，這樣每個社群都能換成自己的例子。",
    ),
    Heard(
        _days(13, 8),
        "deputy",
        "de",
        "mail",
        "affiliate",
        "",
        "nameless",
        "no",
        "Noch ein Gremium überfordert uns. Bitte prüft erst, ob ein bestehendes die Aufgabe übernehmen kann.",
    ),
    Heard(
        _days(18, 3),
        "facilitator",
        "ar",
        "one-to-one",
        "organizer",
        "",
        "nameless",
        "changes",
        "القيادة عندنا أن تعلّم غيرك ثم تفسح له المكان. أضيفوا هذا إلى التعريف.",
    ),
    Heard(
        _days(20, 4),
        "coordinator",
        "id",
        "chat",
        "group",
        "",
        "public",
        "yes",
        "Sediakan pertemuan pada malam hari waktu Asia, bukan hanya pagi hari waktu Eropa.",
    ),
    Heard(
        _days(24, 6),
        "coordinator",
        "hi",
        "event",
        "newcomer",
        "",
        "public",
        "yes",
        "प्रशिक्षण छोटे हों और फ़ोन पर भी देखे जा सकें।",
    ),
    Heard(
        _days(26, 2),
        "facilitator",
        "zh-hant",
        "talk-page",
        "affiliate",
        "https://example.org/wiki/討論",
        "public",
        "changes",
        "成員的任期請錯開，經驗才不會一次全部離開。",
    ),
)

CANDIDATES = (
    Candidate(
        "ines",
        "Inés Demo",
        "es",
        True,
        _days(1),
        "four",
        "Coordiné durante tres años las tutorías de un grupo de usuarios y dejé el puesto a dos personas que se habían formado allí.",
        (5, 4),
        True,
    ),
    Candidate(
        "kofi",
        "Kofi Demo",
        "en",
        True,
        _days(2, 4),
        "four",
        "I built a rota in which every meet-up is led by somebody who has never led one. Eleven people have since started meet-ups of their own.",
        (5, 5),
        True,
    ),
    Candidate(
        "yuki",
        "ゆき（デモ）",
        "ja",
        False,
        _days(3, 2),
        "two",
        "新しい参加者の最初の百回の編集に付き添う仕組みを作り、今は五人で続けています。",
        (4, 4),
        True,
    ),
    Candidate(
        "layla",
        "ليلى التجريبية",
        "ar",
        True,
        _days(5, 6),
        "more",
        "أطلقت مجموعة لمراجعة المقالات الأولى للقادمين الجدد، ويديرها اليوم من بدأوا فيها.",
        (5, 4),
        True,
    ),
    Candidate(
        "anton",
        "Антон Демо",
        "ru",
        True,
        _days(9, 1),
        "four",
        "Вёл школу администраторов: двадцать занятий, записи открыты, трое учеников ведут её теперь сами.",
        (3, 4),
        True,
    ),
    Candidate(
        "meera",
        "मीरा डेमो",
        "hi",
        True,
        _days(14, 3),
        "four",
        "मैंने तीन छोटे समुदायों के लिए मिलकर सीखने की बैठकें शुरू कीं, जिन्हें अब वे स्वयं चलाते हैं।",
        (4, 5),
        True,
    ),
    Candidate(
        "paul",
        "Paul Demo",
        "fr",
        True,
        _days(20, 2),
        "two",
        "J’ai surtout écrit des articles ; j’aimerais apprendre à transmettre.",
        (2, 3),
        False,
    ),
    Candidate(
        "applicant",
        "Amani Demo",
        "en",
        True,
        _days(22, 5),
        "four",
        "I mentor two newcomers a month and keep notes on what helped them to stay.",
        (3, 3),
        False,
    ),
)
