"""The portal's worker with the broker's transport as kombu has it: an acknowledgement that fails is only logged."""

from kombu.transport import TRANSPORT_ALIASES

from taskforce.celery import app as app

TRANSPORT_ALIASES["redis"] = "kombu.transport.redis:Transport"
