"""Who is let in by the doors of one kind."""

from tests.sabotage.bug import Bug

DOOR = "services/marketing/capture/connectors/generic/endpoint.py"
TESTS = "tests/marketing/capture/connectors/test_generic.py::"

CONNECTORS = (
    Bug(
        name="the beginning of a generic signature is enough",
        file=DOOR,
        old="hmac.compare_digest(_written(number, signature), _as_sent(one, signature))",
        new="_written(number, signature).startswith(_as_sent(one, signature))",
        caught_by=(TESTS + "test_only_what_is_signed_gets_in",),
    ),
    Bug(
        name="a generic signature is good for ever",
        file=DOOR,
        old="    return abs(clock.now().timestamp() - sent) <= TOLERANCE.total_seconds()\n",
        new="    return True\n",
        caught_by=(TESTS + "test_a_signature_of_another_time_is_refused",),
    ),
)
