"""A supervisor to be killed in tests: `servers` starts the real servers, `children` small programs.

Says `ready` and then one line of JSON with its children's process ids and its environment.
"""

import json
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from deploy import runfile
from deploy.children import Spec
from deploy.errors import StackError
from deploy.portal import Portal, open_home
from deploy.supervisor import say


def main(what: str, folder: Path) -> int:
    """Run until stopped, like the real thing."""
    home = open_home(folder)
    with runfile.only_one(home.folder):
        portal = Portal(home, 1, {"PATH": "/usr/bin:/bin"})
        with portal.runner.until_stopped():
            if what == "servers":
                portal.start_servers()
            else:
                specs = json.loads(sys.stdin.read())
                portal.runner.add([Spec(**spec) for spec in specs])
            pids = {child.spec.name: child.pid for child in portal.runner.children}
            say("ready " + json.dumps({"pids": pids, "env": portal.runner.env}))
            portal.runner.watch()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], Path(sys.argv[2])))
    except StackError as error:
        sys.exit(str(error))
