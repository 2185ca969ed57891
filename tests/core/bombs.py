"""Markdown of at most 64 kB that makes a careless parser slow, or lets it nest without end."""

SIZE = 65_536


def _filled(part: str) -> str:
    return (part * (SIZE // len(part.encode()) + 1)).encode()[:SIZE].decode(errors="ignore")


BOMBS: dict[str, str] = {
    "opening brackets": _filled("["),
    "images that never close": _filled("!["),
    "links in links": _filled("[a]("),
    "brackets and back": _filled("[") [: SIZE // 2] + _filled("]")[: SIZE // 2],
    "emphasis of all kinds": _filled("*a_"),
    "stars": _filled("**a *"),
    "underscores": _filled("_") ,
    "strikes": _filled("~~a~"),
    "backticks that grow": "".join("`" * n + "a" for n in range(1, 350))[:SIZE],
    "quotes of quotes": "\n".join(">" * n + " a" for n in range(1, 340))[:SIZE],
    "one deep quote": _filled(">"),
    "lists of lists": "\n".join("  " * n + "* a" for n in range(240))[:SIZE],
    "numbers of lists": _filled("1. 1. "),
    "autolinks": _filled("<a@"),
    "opening angles": _filled("<"),
    "comments": _filled("<!--a"),
    "entities": _filled("&#x3c;&amp"),
    "definitions": "".join(f"[{n}]: /x\n" for n in range(7_000))[:SIZE],
    "definitions of one name": _filled("[a]: b\n") [: SIZE // 2] + _filled("[a]")[: SIZE // 2],
    "tables": (_filled("|a")[: SIZE // 2] + "\n" + _filled("|-"))[:SIZE],
    "lines": _filled("a\n"),
    "hard breaks": _filled("a  \n"),
    "escapes": _filled("\\["),
    "titles of links": _filled('[a](b "'),
    "spaces": _filled(" ") [:-1] + "x",
    "tabs": _filled("\t>"),
    "marks": _filled("\u0301\u0316"),
    "marks that name a host": "[a" + _filled("\u0301\u0316\u2009")[: SIZE // 8] + ".test](http://b.test)",
}  # fmt: skip
