"""The picture of the home page that stands in the README."""

import os
import struct
from pathlib import Path

import pytest

from deploy.places import ROOT
from tests.browser.running import Portal
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.long]

MOST_BYTES = 150_000


def test_the_home_page_is_a_picture_for_the_readme(portal: Portal, visitors: Visitors, tmp_path: Path) -> None:
    portal.at("feedback-open")
    visitor = visitors.come(zone="UTC")
    page = visitor.go("/en/")
    visitor.watch.assert_clean()
    # With PICTURES=1 the picture of the README is renewed.
    path = ROOT / "docs" / "home.png" if os.environ.get("PICTURES") == "1" else tmp_path / "home.png"
    content = page.screenshot(path=path, caret="initial", animations="disabled")
    assert struct.unpack(">II", content[16:24]) == (1280, 900)
    assert 10_000 < len(content) < MOST_BYTES, f"{len(content)} bytes: blank, or too heavy"
