#!/usr/bin/env python3
"""The translation catalogues: refresh them from the sources, compile them, check them."""

import argparse
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

# Run as a script, Python looks in deploy/ for modules; the project's folder is meant.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from deploy.errors import StackError
from deploy.places import ROOT
from deploy.texts import Key, Text, collect

_ONE_OR_MORE = "nplurals=2; plural=(n != 1);"
_UP_TO_ONE = "nplurals=2; plural=(n > 1);"
_NO_PLURAL = "nplurals=1; plural=0;"
PLURALS = {
    "en": _ONE_OR_MORE,
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
    "de": _ONE_OR_MORE,
    "es": _ONE_OR_MORE,
    "fr": _UP_TO_ONE,
    "hi": _UP_TO_ONE,
    "id": _NO_PLURAL,
    "ja": _NO_PLURAL,
    "pt_BR": _UP_TO_ONE,
    "ru": ("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"),
    "zh_Hans": _NO_PLURAL,
    "zh_Hant": _NO_PLURAL,
}
SOURCE = "en"
COMPLETE = ("en", "zh_Hant", "ar")
COUNTERS = {"%(count)s", "%(count)d", "{count}"}
# The last of each kind are none, but would be taken for the beginning of one.
_PLACEHOLDER = re.compile(r"%\(\w+\)[-#0 +]*[\d.]*[a-zA-Z]|%[sd]|%|\{[^{}]*\}|[{}]")
# Markup must stay as it is, so that no translation can bring a script of its own; a tag left open is one, too.
_MARKUP = re.compile(r"<[^>]*>?")


def path_of(locale: str) -> Path:
    """One language's catalogue."""
    return ROOT / "locale" / locale / "LC_MESSAGES" / "django.po"


def _read(locale: str) -> Catalog:
    path = path_of(locale)
    content = path.read_bytes() if path.exists() else _header(locale).encode()
    try:
        return read_po(io.BytesIO(content), locale=locale, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise StackError(f"{path.relative_to(ROOT)} cannot be read: {error}") from None


def _forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [message.string or ""]


def _key(message: Message) -> Key:
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or None, singular)


def _messages(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


def _count_of_forms(locale: str) -> int:
    return int(PLURALS[locale].split(";")[0].removeprefix("nplurals="))


def _kept(locale: str, text: Text, old: Message | None) -> str | tuple[str, ...]:
    """What the catalogue says from now on: in English the source, else what it said, if that still fits."""
    wanted = 1 if text.plural is None else _count_of_forms(locale)
    forms = _forms(old) if old is not None else []
    if locale == SOURCE and not (old is not None and not old.fuzzy and len(forms) == wanted and all(forms)):
        return text.singular if text.plural is None else (text.singular, text.plural)
    if len(forms) != wanted or (old is not None and (old.fuzzy or bool(old.pluralizable) != (text.plural is not None))):
        forms = [""] * wanted
    return forms[0] if text.plural is None else tuple(forms)


def _header(locale: str) -> str:
    """Only what programs need: dates and tool versions would change with every refresh."""
    lines = (
        f"Language: {locale}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[locale]}",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def _refreshed(locale: str, texts: Sequence[Text]) -> str:
    old = _messages(_read(locale))
    # From the header, for Babel's own table knows fewer plural forms.
    fresh = read_po(io.BytesIO(_header(locale).encode()), locale=locale)
    for text in texts:
        before = old.get(text.key)
        fresh.add(
            text.message_id,
            _kept(locale, text, before),
            locations=[(name, 0) for name in sorted(text.files)],
            auto_comments=text.notes,
            user_comments=before.user_comments if before is not None else (),
            context=text.context,
        )
    output = io.BytesIO()
    write_po(output, fresh, omit_header=True, include_lineno=False, ignore_obsolete=True, width=100)
    return _header(locale) + output.getvalue().decode()


def refresh() -> None:
    """Bring every catalogue in line with the sources; new texts are empty, gone ones are gone."""
    texts = collect()
    for locale in PLURALS:
        path = path_of(locale)
        content = _refreshed(locale, texts)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
    print(f"{len(texts)} texts in {len(PLURALS)} catalogues.")


def compile_all() -> None:
    """Write the files that Django reads; each appears whole or not at all."""
    for locale in PLURALS:
        if not path_of(locale).exists():
            continue
        target = path_of(locale).with_suffix(".mo")
        part = target.with_suffix(".mo.new")
        with part.open("wb") as output:
            write_mo(output, _sound(locale, _read(locale)))
        part.replace(target)


def _sound(locale: str, catalog: Catalog) -> Catalog:
    """Without the messages that have a fault: readers get the source text in their place.

    A form that is missing would be the English singular, by Babel; a wrong placeholder an error on each page with
    the text; markup of its own a script, since pages trust their translations.
    """
    for message in list(catalog):
        if message.id and any(_faults_of(locale, message)):
            catalog.delete(message.id, message.context)
    return catalog


def _marks(text: str, pattern: re.Pattern[str]) -> list[str]:
    return sorted(pattern.findall(text.replace("%%", "")))


def _form_faults(form: str, source: str, optional: set[str]) -> Iterator[str]:
    wanted, found = set(_marks(source, _PLACEHOLDER)), set(_marks(form, _PLACEHOLDER))
    wrong = (wanted - found - optional) | (found - wanted)
    if wrong:
        yield f"has other placeholders: {', '.join(sorted(wrong))}"
    if _marks(form, _MARKUP) != _marks(source, _MARKUP):
        yield "has other markup"


def _faults_of(locale: str, message: Message) -> Iterator[str]:
    forms = _forms(message)
    if message.fuzzy:
        yield "is marked fuzzy"
    if not any(forms):
        return
    plural = not isinstance(message.id, str)
    source = message.id if isinstance(message.id, str) else message.id[-1]
    if len(forms) != (_count_of_forms(locale) if plural else 1) or not all(forms):
        yield f"lacks one of its {_count_of_forms(locale)} plural forms"
    # "one item" needs no number; every other placeholder must be in every form.
    singular = message.id if isinstance(message.id, str) else message.id[0]
    optional = set(_marks(source, _PLACEHOLDER)) - set(_marks(singular, _PLACEHOLDER)) | (COUNTERS if plural else set())
    for form in filter(None, forms):
        yield from _form_faults(form, source, optional)


def faults(locale: str, texts: Sequence[Text]) -> list[str]:
    """What is wrong with one catalogue, a line each; a missing translation only where all are promised."""
    found = _messages(_read(locale))
    lines = [f"{locale}: not in the catalogue: {text.singular!r}" for text in texts if text.key not in found]
    known = {text.key for text in texts}
    lines += [f"{locale}: no longer in the sources: {key[1]!r}" for key in found if key not in known]
    for key, message in found.items():
        lines += [f"{locale}: {key[1]!r} {fault}" for fault in _faults_of(locale, message)]
        if locale in COMPLETE and not any(_forms(message)):
            lines.append(f"{locale}: not translated: {key[1]!r}")
    return lines


def percent(locale: str) -> int:
    """How much of one catalogue is translated, rounded down; an empty one is whole."""
    messages = _messages(_read(locale)).values()
    done = sum(1 for message in messages if all(_forms(message)) and not message.fuzzy)
    return 100 * done // len(messages) if messages else 100


def check() -> None:
    """Report each language's percent; raise StackError after naming every fault."""
    texts = collect()
    print("Translated: " + ", ".join(f"{locale} {percent(locale)} %" for locale in PLURALS))
    lines = [line for locale in PLURALS for line in faults(locale, texts)]
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        raise StackError(f"{len(lines)} faults in the catalogues; new texts come in by `make messages`.")


COMMANDS = {"refresh": refresh, "compile": compile_all, "check": check}


def main(argv: Sequence[str]) -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="catalogues.py", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    COMMANDS[parser.parse_args(argv).command]()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StackError as error:
        sys.exit(str(error))
