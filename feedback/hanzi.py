"""Traditional Chinese characters and the simplified ones that stand for them, so that a search finds each by the other.

Character by character, by the table of OpenCC, of which nothing but this table is used: where one character has several
readings, and where words differ between regions, it takes the first. That is enough to find something, and never to
show it. It is read when the first text is searched, so that what never searches does not carry it.
"""

import functools
from importlib.util import find_spec
from pathlib import Path

_TABLE = "dictionary/TSCharacters.txt"
# What the table leaves as it is, as a reading or a way to write that is not everybody's: who looks for a word finds it
# in each of them. 計劃, 計畫 and 计划 are one plan, 答覆 and 答复 one answer.
_ALSO = (
    "划画 覆复 著着 藉借 瞭了 祇只 衹只 牴抵 彷仿 徬仿 倣仿 谘咨 钜巨 镟旋 镢䦆 䙓摆 阪坂 姊姐 姪侄 廻回 "
    "彞彝 喨亮 囓啮 嬝袅 尅克 勗勖 悳德 慇殷 懃勤 懮忧 搆构 搥捶 搧扇 搨拓 搾榨 摀捂 撚捻 撢掸 暱昵 枒丫 "
    "榖谷 槖橐 檝楫 櫺棂 欵款 歛敛 毬球 濬浚 燄焰 燐磷 燿耀 牋笺 瑯琅 瞇眯 砲炮 礮炮 硏研 箝钳 簷檐 籐藤 "
    "粧妆 罣挂 翺翱 舖铺 荳豆 菓果 蔴麻 藷薯 蠧蠹 貍狸 賸剩 跼局 踡蜷 蹧糟 轝舆 遯遁 銲焊 鎗枪 関关 閧哄 "
    "闘斗 鬭斗 隄堤 阨厄 韮韭 餽馈 鬀剃 麤粗 鼇鳌 鼈鳖 齩咬 俱具 僇戮 吢吣 咷啕 唚吣 囍禧 垵埯 嶴岙 氹凼 "
    "沍冱 灠漤 痀佝 睪睾 礡礴 穭稆 箎篪 簆筘 袴绔 譅䜧 跤交 醼宴 靷纼 鞀鼗 鷈䴘 鷿䴙"
)


@functools.cache
def simplified() -> dict[int, str]:
    """{character: what stands for it}, for `str.translate`; what stands for one stands for itself."""
    package = find_spec("opencc")
    if package is None or not package.submodule_search_locations:
        msg = "The package opencc-python-reimplemented is not installed: make test or make run installs it."
        raise RuntimeError(msg)
    lines = Path(package.submodule_search_locations[0], _TABLE).read_text("utf-8").splitlines()
    # A line: the character, a tab, and what may stand for it, the likeliest first.
    table = {line[0]: line[2] for line in lines if line[1:2] == "\t"}
    table |= {pair[0]: pair[1] for pair in _ALSO.split()}
    return {ord(character): _end(table, character) for character in table}


def _end(table: dict[str, str], character: str) -> str:
    """What stands for it in the end, also where that has something standing for it in turn."""
    while (following := table.get(character, character)) != character:
        character = following
    return character
