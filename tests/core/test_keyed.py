"""Keyed hashes, which are Django's."""

from django.utils.crypto import salted_hmac
from pytest_django import Settings

from taskforce.core import keyed


def test_it_is_the_hash_that_django_makes_under_each_key(settings: Settings) -> None:
    """What is stored was made by that one; and no key outlives a change of the settings."""
    for secret in (settings.SECRET_KEY, "another" * 10):
        settings.SECRET_KEY = secret
        for purpose, said in (("a", ""), ("a", "林 é"), ("b", "x" * 200)):
            of_django = salted_hmac(purpose, said, algorithm="sha256")
            assert (keyed.digest(purpose, said), keyed.hexdigest(purpose, said)) == (
                of_django.digest(),
                of_django.hexdigest(),
            )
