"""Pages on which facilitators paste a table of what was said elsewhere, and see how far its lines are entered."""

from html import unescape
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import pasting, queries, services
from feedback.enums import ELSEWHERE, Channel, LineFault, Speaker, Visibility
from feedback.forms.entered import VISIBILITIES
from feedback.forms.table import Known, ReadLine, TableForm, read_line
from feedback.models import Sheet, SheetLine
from feedback.views.entering import Visit, about, address, for_facilitators, place_of, units_of
from taskforce.accounts import signed_out
from taskforce.core import clock, dates, labels, languages, tables
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.questions.enums import IN_WORDS
from taskforce.questions.forms import field_name
from taskforce.questions.queries import questions
from taskforce.timeline import describe as phases
from taskforce.timeline import windows

# So many tables of one's own are listed; older ones are gone soon anyway.
_LISTED = 20
# So many lines that were not entered stand on the page; the file has them all.
_SHOWN = 100
_SAFE = ("GET", "HEAD")


@require_http_methods(["GET", "HEAD", "POST"])
@for_facilitators
def table(visit: Visit) -> HttpResponse:
    """A field for a table; POST shows what its lines say and what is wrong with them, and takes what was shown."""
    known = _known(visit, clock.app_now())
    if visit.request.method != "POST":
        typed = signed_out.find(visit.request, *place_of(visit.request))
        return _table_page(visit, TableForm(known, initial=typed))
    is_to_enter = visit.request.POST.get("act") == "enter"
    form = TableForm(known, visit.request.POST, is_to_enter=is_to_enter)
    if not form.is_valid() or not (is_to_enter and form.is_seen):
        return _table_page(visit, form)
    try:
        sheet = services.paste(visit.window.pk, form.pasted(), form_key=form.cleaned_data["form_key"], actor=visit.user)
    except PortalError as error:
        return _table_page(visit, form, error)
    return SeeOther(reverse("feedback:sheet", args=[*visit.place, sheet.pk]))


def _known(visit: Visit, at: Any) -> Known:
    """What the lines of a table are read by; five queries, however many lines there are."""
    asked = questions(visit.window.questions_id)
    return Known(visit.window, asked, units_of(visit.window), visit.spoken, at)


def _table_page(visit: Visit, form: TableForm, error: PortalError | None = None) -> HttpResponse:
    window, at = visit.window, clock.app_now()
    is_open = windows.is_open(window.phase, at)
    context = {
        **about(visit, _("Paste a table"), _("Bring in what was said elsewhere")),
        "form": form,
        "error": error,
        "reason": "" if is_open else phases.closed_reason(window.phase, at),
        "is_shown": is_open or form.is_bound or bool(form.initial.get("text")),
        "good": [_shown(line) for line in form.good],
        "bad": [_shown(line) for line in form.bad],
        "most": pasting.MOST_LINES,
        "sample": _sample(form.known),
        "choices": _choices(form.known),
        "sheets": queries.sheets_of(visit.user, window)[:_LISTED],
        "page_url": address(visit, "table"),
    }
    return render(visit.request, "feedback/table.html", context, status=error.status if error else 200)


def _shown(line: ReadLine) -> dict[str, Any]:
    """A line as it will be, or what is wrong with it and what stands there."""
    found: dict[str, Any] = {"number": line.line.number, "problems": line.problems}
    if line.problems:
        return {**found, "cells": [cell or "–" for cell in line.line.cells]}
    said, unit = line.form.cleaned_data, line.form.cleaned_data["unit"]
    facts = [
        Channel(said["channel"]).label,
        dates.day_text(said["said_on"]),
        languages.own_name(said["language"]),
        dict(VISIBILITIES)[Visibility(said["visibility"])],
    ]
    return {
        **found,
        "spoke": Speaker(said["spoke"]).label,
        "spoke_words": said["spoke_words"],
        "place": said["place_url"],
        "facts": facts,
        "words": line.form.units[int(unit)] if unit else None,
        "language": said["language"],
        "typed": line.form.typed(),
    }


def _sample(known: Known) -> SafeString:
    """Two lines that can be copied: the names of the columns in the reader's language, and what may stand there; each
    cell is set apart, since a day or an address runs the other way than the words before it."""
    names = [str(name) for name in pasting.COLUMNS.values()]
    asked = [labels.label(question, "label").text for question in known.questions]
    values = [
        str(Channel.CALL.label),
        known.at.date().isoformat(),
        str(Speaker.AFFILIATE.label),
        "https://meta.wikimedia.org/wiki/Talk:Example",
        known.spoken[0] if known.spoken else "en",
        "",
        Visibility.PUBLIC,
        "",
    ]
    # One answer is enough; what can be written anywhere is words.
    answered = next((place for place, one in enumerate(known.questions) if one.kind in IN_WORDS), None)
    answers = [_("Meet at two times of day.") if place == answered else "" for place in range(len(asked))]
    rows = ([*names, *asked], [*values, *answers])
    lines = [format_html_join("\t", "<bdi>{}</bdi>", ((cell,) for cell in row)) for row in rows]
    return format_html_join("\n", "{}", ((line,) for line in lines))


def _choices(known: Known) -> list[tuple[str, str]]:
    """(column, what may stand there) of those in which not everything may."""
    spoken = " · ".join(f"{code} ({languages.OWN_NAMES[code]})" for code in known.spoken)
    readers = " · ".join(f"{code.value} ({words})" for code, words in VISIBILITIES)
    return [
        (str(pasting.COLUMNS["channel"]), " · ".join(str(each.label) for each in ELSEWHERE)),
        (str(pasting.COLUMNS["said_on"]), _("year, month and day: 2022-02-15")),
        (str(pasting.COLUMNS["spoke"]), " · ".join(str(each.label) for each in Speaker)),
        (str(pasting.COLUMNS["language"]), spoken),
        (str(pasting.COLUMNS["unit"]), _("the number at the end of the address of its page; empty for the whole text")),
        (str(pasting.COLUMNS["visibility"]), readers),
    ]


# --- how far it is ---------------------------------------------------------------------------------------------------


@for_facilitators
def sheet(visit: Visit, sheet: int) -> HttpResponse:
    """How many lines of a table are entered, which could not be and why; it says so when all is done."""
    found = _sheet_or_404(visit, sheet)
    if visit.request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    waiting = found.total - found.entered - found.failed
    # What is wrong is read anew: not each time that somebody looks how far it is.
    failed = [] if waiting else _failed(visit, found)
    context = {
        **about(visit, _("Table"), _("Bring in what was said elsewhere")),
        "sheet": found,
        "total": found.total,
        "entered": found.entered,
        "waiting": waiting,
        "done": found.total - waiting,
        "failed": failed,
        "more": 0 if waiting else found.failed - len(failed),
        "page_url": visit.request.path,
        "failed_url": reverse("feedback:sheet_failed", args=[*visit.place, found.pk]),
    }
    return render(visit.request, "feedback/sheet.html", context)


@for_facilitators
def failed_csv(visit: Visit, sheet: int) -> HttpResponse:
    """The lines that were not entered, as they were pasted, with what is wrong: to correct and to paste again."""
    found = _sheet_or_404(visit, sheet)
    if visit.request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    rows = [[*_filled(line, found), line_why] for line, line_why in _why(visit, found)]
    content = tables.csv_bytes([*_names(visit, found), str(pasting.FAULT_NAME)], rows)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{visit.window.slug}-{found.pk}-not-entered.csv"'
    return response


def _sheet_or_404(visit: Visit, pk: int) -> Any:
    """A table of one's own; another's is not there."""
    found = queries.sheets_of(visit.user, visit.window).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def _places(sheet: Sheet) -> list[int]:
    """Its columns, but one that says what was wrong in an earlier table."""
    return [place for place, code in enumerate(sheet.columns) if code != pasting.FAULT]


def _filled(line: SheetLine, sheet: Sheet) -> list[str]:
    """Its cells, as many as the table has columns: what is wrong stands in one of its own behind them."""
    return [line.cells[place] if place < len(line.cells) else "" for place in _places(sheet)]


def _names(visit: Visit, sheet: Sheet) -> list[str]:
    """What the columns were called; where they had no names, what they were taken for, so that they are known again."""
    asked = {field_name(one.pk): labels.label(one, "label").text for one in questions(visit.window.questions_id)}
    own = {code: str(name) for code, name in pasting.COLUMNS.items()} | asked
    names = dict(enumerate(sheet.names))
    return [names.get(place) or own.get(sheet.columns[place], "") for place in _places(sheet)]


def _why(visit: Visit, sheet: Sheet, most: int | None = None) -> list[tuple[SheetLine, str]]:
    """The lines that were not entered, each with what is wrong in the reader's language: read once more, as they were
    when the table was pasted."""
    lines = queries.lines_failed(sheet)[:most]
    known = _known(visit, sheet.pasted_at) if lines else None
    colon = languages.colon(get_language() or "en")
    found = []
    for line in lines:
        problems: list[tuple[str, str]] = []
        if known and line.fault == LineFault.WRONG:
            problems = read_line(known, line.cells, sheet.columns, sheet.fallbacks).problems
        # What the form calls a question is HTML.
        named = [(unescape(strip_tags(label)), message) for label, message in problems]
        said = [f"{label}{colon}{message}" if label else message for label, message in named]
        found.append((line, " · ".join(said) or str(LineFault(line.fault).label)))
    return found


def _failed(visit: Visit, sheet: Sheet) -> list[dict[str, Any]]:
    names = _names(visit, sheet)
    return [
        {
            "number": line.number,
            "why": why,
            "cells": [(name, cell) for name, cell in zip(names, _filled(line, sheet), strict=True) if cell],
        }
        for line, why in _why(visit, sheet, _SHOWN)
    ]
