"""The services of the product: the one list of them, and where each is found unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The ports of a service's API and of its worker."""

    port: int
    worker_port: int


SERVICES: Mapping[str, ServiceFacts] = {
    "marketing": ServiceFacts(8001, 9001),
    "handoff": ServiceFacts(8002, 9002),
    "sales": ServiceFacts(8003, 9003),
}
