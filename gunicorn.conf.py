"""Read by gunicorn by itself: a wrong setting ends the whole server with its one line, and its own log lines have
the portal's format and hold no address. Without this each worker would stop and be started again, for ever."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from taskforce import settings

worker_class = "taskforce.serving.Worker"
# Else a proxy on this host hands on a client's own SCRIPT_NAME, and each link of the answer begins with it.
forwarder_headers = ""
_formatter = settings.LOGGING["formatters"][settings.LOG_FORMAT]
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"portal": _formatter},
    "filters": {"without_request": settings.LOGGING["filters"]["without_request"]},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "portal"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {
            "handlers": ["stderr"],
            "level": "INFO",
            "propagate": False,
            # Also for whoever chooses another worker.
            "filters": ["without_request"],
        }
    },
}
