"""Where something was said, for everybody: the page, the group or the channel, and never the page of one person."""

import pytest

from feedback import elsewhere
from feedback.models import FeedbackItem
from tests.clients import Client
from tests.feedback import test_elsewhere
from tests.feedback.test_elsewhere import ENTER, typed
from tests.feedback.test_tables import GOOD, NAMES, TABLE, filled

facilitator, page = test_elsewhere.facilitator, test_elsewhere.page

SOMEBODYS = """
https://t.me/jane_doe
https://telegram.me/jane_doe
https://t.me/+491701234567
https://x.com/jane_doe
https://mobile.twitter.com/jane_doe/status/1
https://www.facebook.com/jane.doe
https://m.facebook.com/profile.php?id=1000
https://facebook.com/groups/wiki/user/12
https://www.facebook.com/people/Jane-Doe/1000
https://de.linkedin.com/in/jane-doe
https://www.linkedin.com/posts/jane-doe_budget-activity-1
https://github.com/jane
https://gist.github.com/jane/1
https://wa.me/491701234567
https://api.whatsapp.com/send?phone=491701234567
https://www.instagram.com/jane.doe/
https://instagram.com/patricia
https://www.facebook.com/events.jane
https://x.com/ines
https://www.tiktok.com/@jane
https://www.reddit.com/u/jane
https://old.reddit.com/user/jane/comments
https://discourse.example/u/jane/summary
https://vk.com/id12345
https://vk.com/wall12345_1
https://weibo.com/u/12345
https://www.zhihu.com/people/jane
https://phabricator.wikimedia.org/p/Jane/
https://xtools.wmcloud.org/ec/en.wikipedia.org/Jane
https://example.org/~jane/
https://guc.toolforge.org/?by=date&user=Jane
https://example.org/forum?username=jane
https://meta.wikimedia.org/wiki/Special:CentralAuth/Jane
https://meta.wikimedia.org/wiki/Special:EmailUser/Jane
https://meta.wikimedia.org/wiki/Special:Log/Jane
https://meta.wikimedia.org/wiki/Special:Log?user=Jane
https://meta.wikimedia.org/wiki/Special:MyLanguage/User:Jane
https://meta.wikimedia.org/w/index.php?title=Special:Contributions/Jane
https://meta.wikimedia.org/w/index.php?title=Special:Contributions&target=Jane
https://meta.wikimedia.org/wiki/Special:GoToComment/c-Jane-20220210120000-Budget
https://it.wikipedia.org/wiki/Speciale:Contributi/Jane
https://pl.wikipedia.org/wiki/Specjalna:Wk%C5%82ad/Jane
https://ko.m.wikipedia.org/wiki/특수:기여/Jane
https://fa.wikipedia.org/wiki/ویژه:مشارکت‌ها/Jane
https://it.wikipedia.org/wiki/Utente:Jane
https://it.wikipedia.org/wiki/Discussioni_utente:Jane
https://fa.wikipedia.org/wiki/کاربر:Jane
https://fa.wikipedia.org/wiki/بحث_کاربر:Jane
https://pl.wikipedia.org/wiki/Wikipedystka:Jane
https://pl.wikipedia.org/wiki/U%C5%BCytkownik:Jane
https://ko.wikipedia.org/wiki/사용자토론:Jane
https://tr.wikipedia.org/wiki/Kullanıcı_mesaj:Jane
https://tr.m.wikipedia.org/wiki/Kullan%25C4%25B1c%25C4%25B1:Jane
https://vi.wikipedia.org/wiki/Thành_viên:Jane
https://nl.wikipedia.org/wiki/Overleg_gebruiker:Jane
https://sv.wikipedia.org/wiki/Anv%C3%A4ndare:Jane/Sandl%C3%A5da
https://he.wikipedia.org/wiki/משתמשת:Jane
https://uk.wikipedia.org/wiki/Користувачка:Jane
https://cs.wikipedia.org/wiki/Diskuse_s_u%C5%BEivatelem:Jane
https://hi.wikipedia.org/wiki/सदस्य_वार्ता:Jane
https://bn.wikipedia.org/wiki/ব্যবহারকারী:Jane
https://en.wikipedia.org/wiki/UT:Jane
https://meta.wikimedia.org/wiki/de:Benutzerin:Jane
https://meta.wikimedia.org/wiki/:_user_:Jane
https://en.wikipedia.org/w/index.php?curid=1&title=User%253AJane
https://en.wikipedia.org/w/index.php/User_talk:Jane
https://en.wikipedia.org/wiki/Talk:Plan#User:Jane
""".strip().splitlines()
PLACES = """
https://meta.wikimedia.org/wiki/Talk:Plan
https://meta.wikimedia.org/wiki/Talk:Plan#Budget
https://meta.wikimedia.org/wiki/Talk:Plan#h-Budget-20220210120000
https://meta.wikimedia.org/wiki/Special:MyLanguage/Movement_Strategy/Members
https://meta.wikimedia.org/wiki/Special:Diff/12345
https://meta.wikimedia.org/wiki/Special:PermanentLink/12345#Budget
https://meta.wikimedia.org/wiki/Special:RecentChanges
https://meta.wikimedia.org/w/index.php?title=Talk:Plan&oldid=12345
https://meta.wikimedia.org/wiki/Wikimedia_User_Group_X:Talk
https://meta.wikimedia.org/wiki/Members/2022
https://meta.wikimedia.org/wiki/Grants:PEG/User_groups
https://it.wikipedia.org/wiki/Wikipedia:Bar/2022
https://t.me/s/wikimedia
https://t.me/wikimedia_chat/1234
https://t.me/+AbCdEf
https://t.me/joinchat/AbCdEf
https://www.facebook.com/groups/wikimedia/posts/1
https://www.facebook.com/events/12
https://x.com/i/spaces/1abc
https://www.linkedin.com/company/wikimedia
https://github.com/wikimedia/mediawiki/issues/1
https://chat.whatsapp.com/AbCdEf
https://whatsapp.com/channel/0029
https://www.reddit.com/r/wikipedia/comments/1/budget/
https://discourse.example/t/budget/12
https://vk.com/wall-12345_1
https://www.youtube.com/watch?v=abc
https://lists.wikimedia.org/hyperkitty/list/x@lists.wikimedia.org/thread/ABC/
https://phabricator.wikimedia.org/T12345
https://etherpad.wikimedia.org/p/meeting
https://us02web.zoom.us/rec/share/abc
https://example.org/calls/5-february
""".strip().splitlines()
COMMENTS = [
    f"https://meta.wikimedia.org/wiki/Talk:Plan#{fragment}"
    for fragment in (
        "c-JaneDoe-20220210120000-Budget", "c-Jane_Doe-2022-02-10T12:00:00.000Z-Budget", "C-JaneDoe-202202101200",
        "%63-Jane-20220210120000", "c%2DJane%2D20220210120000",
    )
]  # fmt: skip


def test_the_page_of_one_account_is_no_place() -> None:
    assert [place for place in SOMEBODYS if not elsewhere.fault(place)] == []
    assert [place for place in SOMEBODYS if elsewhere.public(place)] == []


def test_pages_groups_and_channels_are_places() -> None:
    assert [place for place in PLACES if elsewhere.fault(place)] == []
    assert [place for place in PLACES if elsewhere.public(place) != place] == []


def test_on_telegram_the_way_to_name_a_group_is_told() -> None:
    """Nothing in "t.me/NAME" says whether it is a person's: what only groups have is asked for."""
    for place in SOMEBODYS[:3]:
        assert "link of one message in the group" in elsewhere.fault(place)
    assert "Telegram" not in elsewhere.fault(SOMEBODYS[3])
    assert elsewhere.fault("https://t.me/wikimedia_chat/1234") == ""


@pytest.mark.parametrize("place", COMMENTS)
def test_of_a_comment_the_page_alone_is_a_place(place: str) -> None:
    """The facilitator reads which; of what stands in the database already, everybody finds the page."""
    page = "https://meta.wikimedia.org/wiki/Talk:Plan"
    assert page in elsewhere.fault(place)
    assert elsewhere.public(place) == page


def test_a_form_and_a_table_say_what_to_give_instead(page: Client) -> None:
    """FAILS where one of the two ways in does not ask."""
    refused = page.post(ENTER, typed(page, place_url=COMMENTS[0])).content.decode()
    assert "Give the page alone: https://meta.wikimedia.org/wiki/Talk:Plan" in refused
    lines = [f"{GOOD}\t{place}" for place in (COMMENTS[0], SOMEBODYS[3], PLACES[0])]
    shown = page.post(TABLE, filled(page, f"{NAMES}\tWhere it is to be read", *lines)).content.decode()
    assert "1 line can be entered." in shown
    assert "Give the page alone: https://meta.wikimedia.org/wiki/Talk:Plan" in shown
    assert "Give that of the page, the group or the channel" in shown
    assert not FeedbackItem.objects.exists()


def test_every_language_of_the_wikis_has_its_names() -> None:
    """A list that is cut, or read otherwise, would let names through."""
    users, special = elsewhere._namespaces()
    assert len(users) > 700
    assert len(special) > 200
    assert all(name == elsewhere._folded(name) for name in users | special)
    assert not {"talk", "project", "wiki", "discussion", "help"} & (users | special)
