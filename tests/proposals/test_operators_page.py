"""What docs/operation.md says of imports is so: its sample is a page that can be read, its bounds are the code's."""

import re
from pathlib import Path
from textwrap import dedent

from django.conf import settings

from proposals.drafting.bounds import MOST_IN_SECTION
from proposals.wikipage import read
from proposals.wikipage.words import capability_of

PAGE = (Path(settings.BASE_DIR) / "docs" / "operation.md").read_text("utf-8")


def test_its_sample_is_read() -> None:
    sample = re.search(r"A file looks like this:\n\n((?: {8}.*\n|\n)+)", PAGE)
    assert sample
    page = read(dedent(sample[1]).encode())
    assert page.title.text == "Leadership development task force"
    lines = [line.text for section in page.sections for line in section.timeline]
    assert [capability_of(line) for line in lines] == ["feedback", "apply"]
    assert (page.unread, page.damage) == ((), ())


def test_its_bound_is_the_codes() -> None:
    assert f"at most {MOST_IN_SECTION} units" in " ".join(PAGE.split())
