"""What a staff form wants is said beside the field, before anybody has pressed a button."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from taskforce.accounts.models import User
from taskforce.timeline.models import Phase
from tests.clients import Client

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "admin"
REQUIRED = re.compile(
    r'<label for="([\w-]*reason[\w-]*)" class="required">[^<]*<span class="pt-required">\(required\)</span>\s*</label>'
)
PAGES = [
    "timeline/phase/{phase}/extend/",
    "timeline/phase/{phase}/cancel/",
    "timeline/taskforce/{task_force}/rename/",
    "notifications/hold/switch/",
    "proposals/translationgoal/add/",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_reason_that_is_wanted_is_said_to_be(
    client: Client, people: dict[str, User], phase: Callable[[str], Phase], page: str
) -> None:
    one = phase("feedback")
    address = f"/en/admin/{page.format(phase=one.pk, task_force=one.task_force_id)}"
    client.force_login(people["coordinator"])
    html = client.get(address).content.decode()
    field, *_others = REQUIRED.findall(html)
    (control,) = re.findall(rf'<(?:input|textarea)[^>]*\bid="{field}"[^>]*>', html)
    assert " required" in control


def test_no_field_of_a_staff_page_is_required_without_a_word() -> None:
    """Those that stand in a template; those of a form have their word from the one template for a field."""
    asking = [path for path in TEMPLATES.rglob("*.html") if _asks(path.read_text())]
    assert len(asking) >= 2
    assert [path.name for path in asking if '{% include "admin/required.html" %}' not in path.read_text()] == []


def _asks(template: str) -> bool:
    return bool(re.search(r"<(input|textarea|select)\b[^>]*\srequired\b", template))
