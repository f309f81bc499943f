"""Reports listen to what is sold, paid and given back."""

from chalice.app import Blueprint

from chalicelib.kernel.messaging.events import Event
from chalicelib.kernel.messaging.listeners import listens
from chalicelib.reporting import service
from chalicelib.reporting.rules import TYPES

workers = Blueprint(__name__)


@listens(*TYPES, quiet=True)
def facts(event: Event) -> None:
    service.record(event)
