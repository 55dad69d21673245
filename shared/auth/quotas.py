"""How often an API key may call: more than that is told to come back later, by how much."""

from collections.abc import Mapping

from shared import rate_limits
from shared.auth.access import Caller
from shared.errors import TooManyRequestsError
from shared.observability import telemetry
from shared.rate_limits import RateLimit

NAME = "key"


class KeyQuota:
    """Of all API keys of one service, in this process. People and services have none."""

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._limit = RateLimit(burst=burst, per_second=per_second)
        self._policy = rate_limits.policy(NAME, self._limit)

    def spend(self, caller: Caller) -> Mapping[str, str]:
        """Count a call of this caller; answers what its answer says of it. Raises TooManyRequestsError."""
        if caller.kind != "server":
            return {}
        taken = self._limit.take(caller.subject)
        told = dict((self._policy, rate_limits.standing(NAME, self._limit, taken)))
        if taken.wait:
            telemetry.http_refused.labels("key_rate").inc()
            raise TooManyRequestsError(
                "This API key calls more often than it may. Send it again after `Retry-After` seconds, or "
                "send several leads at once to /batch.",
                wait=taken.wait,
                headers=told,
            )
        return told
