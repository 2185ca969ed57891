"""What the tests of accounts share with those of the timeline: threads with a connection of their own."""

from tests.timeline.conftest import aside as aside
