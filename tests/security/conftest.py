"""What the tests of security share: the world of the page walk."""

from tests.architecture.conftest import world as world
