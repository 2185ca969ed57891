"""One rule for addresses, whoever types them; and the token of the page of preferences."""

import pytest
from django.core import signing

from taskforce.core import sealedlinks
from taskforce.notifications import leaving, mailboxes, preferences


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ann@example.org", "ann@example.org"),
        (" Ann@Example.ORG\r\n", "ann@example.org"),
        ("ann+news@mail.example.org", "ann+news@mail.example.org"),
        ("o'neil.j@example.org", "o'neil.j@example.org"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_one_plain_address_has_one_form(typed: str, stored: str) -> None:
    assert mailboxes.checked(typed) == stored
    assert mailboxes.checked(stored) == stored
    assert mailboxes.wire_address(stored) == stored


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "before and a part after"),
        ("ann", "before and a part after"),
        ("ann@", "before and a part after"),
        ("@example.org", "before and a part after"),
        ("ann@[127.0.0.1]", "mail domain"),
        ("ann@localhost", "mail domain"),
        ("ann@-example.org", "mail can be sent to"),
        ("ann@example..org", "mail can be sent to"),
        ("ann..b@example.org", "mail can be sent to"),
        ("änn@example.org", "mail can be sent to"),
        ("\u202eann@example.org", "mail can be sent to"),
        ('"ann b"@example.org', "one address only"),
        ('"Ann" <ann@example.org>', "one address only"),
        ("a@example.org, b@example.org", "one address only"),
        ("a@example.org;b@example.org", "one address only"),
        ("a@b@example.org", "one address only"),
        ("ann@example.org\r\nBcc: b@example.org", "one address only"),
        ("ann\x00@example.org", "one address only"),
        (f"{'a' * 300}@example.org", "too long"),
        (f"{'a' * 65}@example.org", "too long"),
    ],
)
def test_what_is_none_says_why(typed: str, word: str) -> None:
    with pytest.raises(mailboxes.UnusableMailbox, match=word):
        mailboxes.checked(typed)


def test_a_masked_mailbox_is_known_to_its_owner_only() -> None:
    assert mailboxes.masked("ann@xn--bcher-kva.example") == "a***@bücher.example"


def test_the_token_of_preferences_names_its_mailbox() -> None:
    token = preferences.token("ann@example.org")
    assert preferences.read(token) == "ann@example.org"
    assert f"/zh-hant/subscriptions/manage/{token}/" in preferences.address("ann@example.org", "zh-hant")


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "x:y",
        "é:é",
        "a" * 5000,
        preferences.token("ann@example.org")[:-1],
        preferences.token("ann@example.org").swapcase(),
        leaving.token(leaving.Leave("ann@example.org", None, "")),
        signing.dumps(["ann@example.org"]),
        signing.Signer(salt="taskforce.notifications.preferences").sign_object([]),
        sealedlinks.seal([], "taskforce.notifications.preferences"),
    ],
    # A token of the moment would give each process of the tests another name for its case.
    ids=[
        "empty",
        "a letter",
        "two",
        "not ASCII",
        "long",
        "cut",
        "damaged",
        "leaving",
        "with a time",
        "of nobody",
        "sealed",
    ],
)
def test_nothing_else_is_that_token(forged: str) -> None:
    assert preferences.read(forged) is None
