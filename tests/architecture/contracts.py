"""The two contracts of `pyproject.toml` (floors, rooms) against the imports that the code really has."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache

import grimp
from importlinter.api import read_configuration
from importlinter.contracts.layers import LayersContract

from tests.architecture.reading import ROOT

_CONFIGURATION = str(ROOT / "pyproject.toml")


@cache
def _graph() -> grimp.ImportGraph:
    options = read_configuration(_CONFIGURATION)["session_options"]
    without_types = bool(options["exclude_type_checking_imports"])
    return grimp.build_graph(*options["root_packages"], exclude_type_checking_imports=without_types, cache_dir=None)


def broken_contracts(more: Sequence[tuple[str, str]] = ()) -> list[str]:
    """The imports that break a contract, and sub-packages without a floor.

    `more` are imports (from, what) that the code does not have: with them the same check is shown to fail.
    """
    graph = deepcopy(_graph())
    for importer, imported in more:
        graph.add_import(importer=importer, imported=imported)
    configuration = read_configuration(_CONFIGURATION)
    found = []
    for options in configuration["contracts_options"]:
        contract = LayersContract(options["name"], configuration["session_options"], options)
        check = contract.check(deepcopy(graph), verbose=False)
        broken = check.metadata["invalid_dependencies"]
        found += [f"{options['id']}: {one['importer']} → {one['imported']}" for one in broken]
        if options["id"] == "house":
            named = {word for layer in options["layers"] for word in layer.replace("|", " ").replace(":", " ").split()}
            found += [f"{name} stands on no floor" for name in sorted(graph.find_children("taskforce") - named)]
    return found
