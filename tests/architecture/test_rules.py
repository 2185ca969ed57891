"""Every house rule holds. `test_every_rule_can_fail.py` shows that each could be broken."""

import pytest
from django.apps import apps
from django.db.migrations.state import ProjectState

from tests.architecture import rules
from tests.architecture.contracts import broken_contracts
from tests.architecture.offences import NO_OFFENCES
from tests.architecture.pending import pending_migrations
from tests.architecture.reading import migrations, sources, templates
from tests.architecture.relations import points_up, relations_upward


@pytest.mark.parametrize("rule", rules.PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_python_follows(rule: rules.Rule) -> None:
    """Nothing in the code breaks the rule."""
    assert [found for path, text in sources() for found in rule(path, text)] == []


@pytest.mark.parametrize("rule", rules.TEMPLATE_RULES, ids=lambda rule: rule.__name__)
def test_templates_follow(rule: rules.Rule) -> None:
    """Nothing in the templates breaks the rule."""
    assert [found for path, text in templates() for found in rule(path, text)] == []


@pytest.mark.parametrize("rule", rules.MIGRATION_RULES, ids=lambda rule: rule.__name__)
def test_migrations_follow(rule: rules.Rule) -> None:
    """No migration but the clock's own asks the server's time."""
    assert [found for path, text in migrations() for found in rule(path, text)] == []


def test_relations_point_down() -> None:
    """No foreign key, given as a string or not, points to the same floor or a higher one."""
    assert relations_upward(apps.get_models()) == []


def test_imports_follow_the_contracts() -> None:
    """Floors and rooms, as `make lint` checks them."""
    assert broken_contracts() == []


def test_no_pending_migrations() -> None:
    """Models and migrations agree."""
    assert pending_migrations(ProjectState.from_apps(apps)) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"), NO_OFFENCES, ids=[f"{r.__name__}-{i}" for i, (r, *_) in enumerate(NO_OFFENCES)]
)
def test_rules_let_good_code_pass(rule: rules.Rule, path: str, text: str) -> None:
    """What only looks like an offence is none."""
    assert rule(path, text) == []


@pytest.mark.parametrize(
    ("label", "target", "upward"),
    [
        ("feedback", "proposals", False),
        ("proposals", "feedback", True),
        ("proposals", "recruitment", True),
        ("audit", "accounts", True),
        ("notifications", "timeline", True),
        ("timeline", "timeline", False),
    ],
)
def test_points_up(label: str, target: str, upward: bool) -> None:
    """The floors are those of the design, siblings included."""
    assert points_up(label, target) is upward
