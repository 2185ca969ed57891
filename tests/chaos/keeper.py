"""Keeps the servers and processes of a chaos run alive, as a supervisor on a real machine would; a program of its own.

Reads one command a line from standard input and answers each with one line of JSON:
`{"do": "start", "spec": {…}}`, `{"do": "end", "names": […], "at_once": false}`, `{"do": "valkey"}`, `{"do": "pids"}`.
What dies without such a command is started again. Ends, and everything with it, when its input ends.
"""

import json
import os
import select
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy import embedded
from deploy.children import Child, Spec, stop_all
from deploy.places import ROOT, me, own_folder, socket_folder
from deploy.portal import Home, open_home, postgres_spec, valkey_spec
from deploy.processes import kill_group, wait_until

# As in production: nothing is acknowledged that is not on the disk. The commit timestamps are a witness.
DATABASE_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "track_commit_timestamp": "on",
    "max_connections": "200",
}
READY_SECONDS = 60.0
PAUSE = 0.05


class Keeper:
    """The children by name."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.children: dict[str, Child] = {}
        self.sockets = socket_folder(home.folder / "valkey", me())
        self.server = embedded.Postgres(
            programs=embedded.postgres_programs(home.account),
            data=own_folder(home.cluster_home / "cluster", home.account) / "data",
            sockets=socket_folder(home.cluster_home / "postgres", home.account),
            account=home.account,
            more=DATABASE_SETTINGS,
        )

    def start(self, spec: Spec) -> Child:
        """Start one more child, and keep it alive from now on."""
        child = Child(spec, os.environ, ROOT, self.home.folder / "log")
        child.start()
        self.children[spec.name] = child
        return child

    def start_servers(self) -> dict[str, str]:
        """PostgreSQL and Valkey; returns their addresses."""
        embedded.create_cluster(self.server, sync=False)
        # After a kill the others of its processes may need a while to notice, where the machine has much to do.
        spec = replace(postgres_spec(self.server), before=lambda: embedded.make_room(self.server.data, READY_SECONDS))
        child = self.start(spec)
        wait_until(lambda: child.pid is not None and self.server.ready(child.pid), READY_SECONDS)
        self.valkey()
        return {"DATABASE_URL": self.server.url, **embedded.valkey_urls(self.sockets)}

    def valkey(self) -> bool:
        """Start the broker; whether it answers."""
        self.start(valkey_spec(self.sockets))
        return wait_until(lambda: embedded.valkey_answers(self.sockets), READY_SECONDS)

    def end(self, names: list[str], *, at_once: bool) -> bool:
        """End children for good, all at the same time: asked to, or `at_once` by kill -9 as when the power is gone."""
        ending = [self.children.pop(name) for name in names]
        for child in ending:
            if at_once and child.process is not None:
                kill_group(child.process)
        stop_all(ending)
        return True

    def answer(self, command: dict[str, Any]) -> object:
        """Do what one line says."""
        match command["do"]:
            case "start":
                return self.start(Spec(**command["spec"])).pid
            case "end":
                return self.end(command["names"], at_once=command.get("at_once", False))
            case "valkey":
                return self.valkey()
            case "pids":
                return {name: child.pid for name, child in self.children.items()}
        raise ValueError(command["do"])

    def watch(self) -> None:
        """Answer commands and start again what has died, until the input ends."""
        while True:
            for child in self.children.values():
                child.keep_alive()
            if select.select([sys.stdin], [], [], PAUSE)[0]:
                line = sys.stdin.readline()
                if not line:
                    return
                say(self.answer(json.loads(line)))


def say(answer: object) -> None:
    """One line of JSON."""
    print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def main(folder: Path) -> None:
    """Run until the input ends or somebody asks to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the tests, whose end ends us
    keeper = Keeper(open_home(folder))
    try:
        say(keeper.start_servers())
        keeper.watch()
    finally:
        stop_all(list(keeper.children.values()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
