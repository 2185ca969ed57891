"""A sentence of the report of an import, and how a dry run says it."""

from typing import NamedTuple


class Told(NamedTuple):
    """What was done, and what would be."""

    done: str
    foretold: str

    @classmethod
    def of(cls, place: str, said: str, done: str, foretold: str) -> "Told":
        """What is told of a place: what there is to say, and what an import does about that."""
        return cls(f"{place}: {said}{done}", f"{place}: {said}{foretold}")
