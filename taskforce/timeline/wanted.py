"""In which languages the texts of a task force are wanted: higher rooms say it, and none of them is imported here.

Whoever publishes something that everybody reads looks at them first. Registered in `AppConfig.ready()`.
"""

from collections.abc import Callable, Mapping

# From a task force's id to {language: whether nothing is published without it}.
Source = Callable[[int], Mapping[str, bool]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Make known who says in which languages texts are wanted; once for each, in `AppConfig.ready()`."""
    if source not in _sources:
        _sources.append(source)


def languages_of(task_force_id: int) -> dict[str, bool]:
    """{language: whether nothing is published without it} of a task force; one query for each source."""
    found: dict[str, bool] = {}
    for source in _sources:
        for code, refuses in source(task_force_id).items():
            found[code] = refuses or found.get(code, False)
    return found
