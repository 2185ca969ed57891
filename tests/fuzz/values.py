"""What somebody may send: texts, bytes that are none, numbers out of every range, patterns that cost time."""

from typing import NamedTuple


class Value(NamedTuple):
    """A name for the report, and the bytes as they stand in a path, a query or a form before they are quoted."""

    name: str
    raw: bytes


def _text(name: str, text: str) -> Value:
    return Value(name, text.encode())


BYTES = [
    Value("nothing", b""),
    Value("NUL", b"a\x00b"),
    Value("lone surrogate", b"x\xed\xa0\x80y"),
    Value("overlong", b"x\xc0\xafy\xe0\x80\xaf"),
    Value("beyond Unicode", b"\xf4\x90\x80\x80"),
    Value("cut character", b"\xe8\xaa"),
    Value("Latin-1", b"caf\xe9"),
    Value("all bytes", bytes(range(256))),
    Value("controls", b"a\x07\x0b\x0c\x1b[31m\x7f\x85b"),
    Value("line ends", b"a\r\nX-Forged: 1\r\n\r\n<b>\n\rb"),
    Value("quoted NUL", b"%00"),
    Value("quoted twice", b"%2500%252e%252e%252f"),
]
TEXTS = [
    _text("RTL override", "name\u202egpj.exe\u200b\u2066x\u2069"),
    _text("isolates unclosed", "\u2067\u2067\u202b" * 50),
    _text("Arabic", "مرحبا \u200fabc\u200e 123"),
    _text("Persian", "می\u200cخواهم"),
    _text("Hindi", "क्\u200dष श्री"),
    _text("family", "👩🏽\u200d🚀👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈"),
    _text("combining", "Z\u0351\u036b\u0343\u036a\u0302" * 400),
    _text("invisible", "\u200b\u2060\ufeff\U000e0041\u3164\u00ad"),
    _text("noncharacters", "\ufffe\uffff\U0010ffff\ufdd0\ufffd"),
    _text("grows in NFC", "\U0001d160" * 2_000),
    _text("grows by case", "İıßŉǰΐ" * 500),
    _text("digits of scripts", "٣۴५๓Ⅷ²½"),
]
NUMBERS = [
    _text("zero", "0"),
    _text("negative", "-1"),
    _text("beyond 32 bit", "2147483648"),
    _text("beyond 64 bit", "9223372036854775808"),
    _text("10^25", "1" + "0" * 25),
    _text("5,000 digits", "9" * 5_000),
    _text("NaN", "NaN"),
    _text("infinite", "1e999"),
    _text("float", "1.0000000000000000000000001"),
    _text("date in no calendar", "2022-02-30"),
    _text("year 0", "0000-00-00"),
    _text("last date", "9999-12-31"),
    _text("first date", "0001-01-01"),
    _text("time in no day", "25:61:61"),
    _text("instant with an odd zone", "9999-12-31T23:59:59.9999999-25:00"),
    _text("truth", "true"),
]
PATTERNS = [
    _text("parent", "../../../../etc/passwd"),
    _text("parent, odd", "..;/..\\..%5c"),
    _text("format", "{a.b} {0.__class__} {} %(x)s %s %n %d {self.request.user.password}"),
    _text("template", "{{ settings.SECRET_KEY }}{% debug %}{% include 'x' %}${7*7}<%= 1 %>"),
    _text("SQL", "' OR 1=1;-- \" ) UNION SELECT NULL,version()--"),
    _text("SQL pattern", "%_\\%\\"),
    _text("expression, broken", "([*+?{2,1}\\"),
    _text("expression, costly", "^(a+)+$(.*a){20}"),
    _text("markup", "<script>alert(1)</script>\"><svg/onload=alert(1)>'"),
    _text("other host", "//evil.test/\\evil.test"),
    _text("odd scheme", "javascript://evil.test/%0aalert(1)"),
    _text("address", '"a b"@[127.0.0.1], b@c.test\nBcc: d@e.test'),
    _text("long address", "a@" + "b." * 150 + "test"),
    _text("JSON", '{"__proto__": {"x": 1}, "a": [[[[1e400]]]]}'),
    _text("pickle", "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAVpZCA+L5SFlFKULg=="),
    _text("token like", "eyJhIjoxfQ:1nabcd:" + "A" * 43),
    _text("separators", ",;|&=?#/:@!$'()*+[]"),
]
# Each costs time by its length, or by how often an expression tries it again.
LONG = [
    _text("64 kB of a", "a" * 65_536),
    _text("50,000 spaces", " " * 50_000 + "x"),
    _text("50,000 spaces behind", "x" + " " * 50_000),
    _text("line ends", "\n" * 50_000),
    _text("near an expression", "a" * 50_000 + "!"),
    _text("opening brackets", "[" * 20_000),
    _text("links", "[a](" * 8_000),
    _text("quotes of quotes", ">" * 5_000),
    _text("emphasis", "*a_" * 10_000),
    _text("autolinks", "<" * 30_000),
    _text("entities", "&#x3c;&" * 8_000),
    _text("addresses", "a@b." * 10_000),
    _text("backticks", "`" + "a``" * 10_000),
    _text("names of hosts", "http://" * 8_000),
    _text("commas", "1," * 20_000),
    _text("lists of lists", "".join("  " * depth + "* a\n" for depth in range(200))),
]
# What costs most stands first.
HUGE = [
    # Two bytes each, and as many as can be sent: in order they cost the square of their number.
    _text("1,200,000 marks", "a" + "\u0301\u0316" * 600_000),
    _text("Tibetan vowels that become marks", "\u0f40" + "\u0f73" * 800_000),
    _text("marks that are two each", "a" + "\u0344" * 1_290_000),
    Value("2.5 MB", b"x" * 2_500_000),
    _text("2.4 MB of Han", "語" * 800_000),
]

# What fits into an address: servers cut what is longer.
IN_ADDRESSES = [value for value in (*BYTES, *TEXTS, *NUMBERS, *PATTERNS) if len(value.raw) < 6_000]
IN_ADDRESSES += [_text("very long", "a" * 7_000), _text("many parts", "a/" * 3_000), _text("many words", "a " * 1_900)]
IN_FIELDS = [*BYTES, *TEXTS, *NUMBERS, *PATTERNS, *LONG]

# Fields that no form shows: whoever sends them gets nothing by it.
NEVER_SHOWN = (
    *("is_staff", "is_superuser", "is_active", "role", "state", "status", "score", "user", "user_id", "id", "pk"),
    *("applicant", "task_force", "actor_id", "created_at", "closes_at", "version", "owner", "reference", "email"),
    *("__proto__", "constructor", "next", "action", "_selected_action", "select_across", "index", "_save", "_popup"),
    *("form-TOTAL_FORMS", "form-INITIAL_FORMS", "csrfmiddlewaretoken", "_method", "language", "q-0", "q-1000000000000"),
)
# Names that pages read from a query, and those that Django's lists know.
ASKED = (
    *("q", "page", "p", "language", "next", "to", "from", "channel", "o", "all", "e", "_facets", "_popup", "_to_field"),
    *("_changelist_filters", "id__in", "pk", "state__exact", "task_force__id__exact", "email__regex", "app_label"),
    *("model_name", "field_name", "term", "at", "instant", "zone", "topic", "code", "login", "reauthenticated"),
    *("show", "unit", "split", "saved", "why", "state", "call", "like", "version", "item", "phase"),
)
