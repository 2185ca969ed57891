"""Arabic words find one another with other articles, prepositions, regular plurals, owners, and no other words."""

import pytest

from feedback import search
from feedback.models import FeedbackWindow
from tests.feedback.test_items import listed, say

# What is looked for, and what is to be found by it.
SAME = [
    ("الثقة", "نحتاج إلى ثقة أكبر"),
    ("الثقة", "لا بد من بناء للثقة"),
    ("بالثقة", "الثقة مهمة"),
    ("المجتمعات", "هذا المجتمع كبير"),
    ("مجتمعات", "في مجتمعهم"),
    ("المجتمع", "كل مجتمعاتنا،"),
    ("والقيادة", "القيادات الجديدة"),
    ("القيادة", "قيادتهم جيدة"),
    ("المترجمون", "للمترجمين دور"),
    ("المشروع", "وبمشروعنا نتقدم"),
]
# Words that only look alike.
OTHER = [
    ("العمل", "كيف نستعمل الأداة"),
    ("الجماعة", "إجماع الحاضرين"),
    ("الجماعة", "جماع الأمر"),
    ("القيادة", "قياد"),
    ("الكتاب", "يكتب الناس"),
    ("المال", "الآمال كبيرة"),
    ("اللغات", "لغز صعب"),
]


@pytest.mark.parametrize(("typed", "said"), SAME)
def test_other_forms_are_found(window: FeedbackWindow, typed: str, said: str) -> None:
    item = say(window, said, language="ar")
    assert listed(f"?q={typed}") == [item.reference]


@pytest.mark.parametrize(("typed", "said"), OTHER)
def test_other_words_are_not(window: FeedbackWindow, typed: str, said: str) -> None:
    say(window, said, language="ar")
    assert listed(f"?q={typed}") == []


@pytest.mark.parametrize("word", ["الله", "الى", "ثقه", "عمل", "trust", "信任", "اله", "f-1234-5678", "ال.*", "انسان"])
def test_of_what_is_short_or_no_arabic_nothing_is_taken_off(word: str) -> None:
    assert search.other_forms(search.folded(word)) is None
