"""Long answers in few bytes."""

from taskforce.core import packed


def test_what_was_packed_comes_back_in_small_parts() -> None:
    parts = [b"", b"One line.\n" * 50_000, b"\x00\xff", bytes(range(256)) * 1_000, b""]
    kept = packed.pack(parts)
    opened = list(packed.opened(kept))
    assert b"".join(opened) == b"".join(parts)
    assert max(map(len, opened)) <= 2**16
    assert len(kept) < sum(map(len, parts)) / 50
    assert b"".join(packed.opened(packed.pack([]))) == b""
