"""Chinese is found however it is written: in traditional or simplified characters, as in Taiwan, Hong Kong or China."""

import subprocess
import sys
from importlib import import_module

import pytest
from django.apps import apps

from feedback.hanzi import simplified
from feedback.models import FeedbackWindow
from feedback.search import folded, words
from tests.architecture.rules import ROOT
from tests.feedback.test_items import listed, say

# Of each what is the same to who looks for it.
THE_SAME = (
    "領導 领导", "頭髮 头发", "發展 发展", "後來 后来", "裡面 裏面 里面", "計畫 計劃 计划", "答覆 答复",
    "諮詢 咨詢 咨询", "隨著 隨着 随着", "臺灣 台灣 台湾", "瞭解 了解", "憑藉 凭借", "鉅額 巨额",
    "群眾 羣衆 群众", "只要 祇要 衹要", "乾淨 干净", "彷彿 仿佛", "姊姊 姐姐", "什麼 什麽 什么", "鐘錶 钟表",
    "醜聞 丑闻", "準備 准备", "複雜 复杂", "恢復 恢复", "曆史 歷史 历史", "俱樂部 俱乐部",
)  # fmt: skip
# What looks alike, and is something else.
NOT_THE_SAME = ("領導 领袖", "末 未", "土 士", "己 已", "大 太")


@pytest.mark.parametrize("same", THE_SAME)
def test_each_is_found_by_the_other(same: str) -> None:
    """FAILS where a pair of the two ways to write is missing."""
    forms = {folded(word) for word in same.split()}
    assert len(forms) == 1


@pytest.mark.parametrize("others", NOT_THE_SAME)
def test_other_words_stay_others(others: str) -> None:
    assert len({folded(word) for word in others.split()}) == 2


def test_what_is_folded_is_folded_for_good() -> None:
    """Whatever stands for a character stands for itself, so that a stored form can be folded again."""
    table = simplified()
    assert len(table) > 4000
    assert [chr(end) for one in table.values() for end in map(ord, one) if chr(end).translate(table) != chr(end)] == []
    said = "".join(map(chr, table))
    assert folded(folded(said)) == folded(said)


def test_what_was_folded_by_an_earlier_table_is_found(window: FeedbackWindow) -> None:
    """It took fewer for each other, and 諮 for 谘."""
    item = say(window, "諮詢計劃 俱樂部")
    type(item).objects.filter(pk=item.pk).update(search_text="谘询计划 具乐部")
    assert listed("?q=计划") == []
    import_module("feedback.migrations.0039_folded_by_another_table").Migration.operations[0].code(apps, None)
    for typed in ("計畫", "計劃", "计划", "咨询", "諮詢", "俱樂部"):
        assert listed(f"?q={typed}") == [item.reference], words(typed)


@pytest.mark.long
def test_the_table_is_read_at_the_first_search_alone() -> None:
    """Whoever never searches does not carry it."""
    told = "from feedback import hanzi, search; print(hanzi.simplified.cache_info().currsize); search.folded('a'); " + (
        "print(hanzi.simplified.cache_info().currsize)"
    )
    found = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["0", "1"]
