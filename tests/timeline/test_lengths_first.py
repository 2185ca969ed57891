"""What is far too long is refused before anything is done with it, also by services that no form protects."""

from collections.abc import Callable

import pytest

from taskforce.core import text
from taskforce.core.errors import Invalid
from taskforce.timeline import rules
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import naming, verdicts


@pytest.mark.parametrize(
    ("most", "ask"),
    [
        (rules.NAME_LENGTH, lambda tf, text: naming._planned(tf, {"en": text}, tf.slug)),
        (rules.REASON_LENGTH, lambda _tf, text: verdicts.checked_reasons({"en": text})),
        (rules.REASON_LENGTH, lambda _tf, text: rules.checked_reason(text, "en")),
    ],
)
def test_the_length_comes_first(
    tf: TaskForce, most: int, ask: Callable[[TaskForce, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "normalized", lambda *_any: pytest.fail("cleaned"))
    with pytest.raises(Invalid, match=f"at most {most}"):
        ask(tf, "\u0301" * (4 * most + 1))
