"""How servers are spoken to: TLS, and who is on the other side."""

from tests.sabotage.bug import Bug

CONNECTING = "tests/shared/database/test_connecting.py::"
ADDRESSES = "tests/shared/database/test_addresses.py::"
BROKERS = "tests/shared/messaging/test_brokers.py::"

LINES = (
    Bug(
        name="sslmode is dropped on the relay's own line",
        file="shared/messaging/relay.py",
        old="await connect(self._url, application=self._name, **PINNED)",
        new='await connect(self._url.partition("?")[0], application=self._name, **PINNED)',
        caught_by=(CONNECTING + "test_a_line_of_its_own_never_goes_without_the_tls_that_was_asked_for",),
    ),
    Bug(
        name="a server's word for who it is goes unchecked in a backup",
        file="shared/database/addresses.py",
        old="if name in IN_ENVIRONMENT\n",
        new='if name in IN_ENVIRONMENT and name != "sslmode"\n',
        caught_by=(ADDRESSES + "test_the_programs_of_postgresql_get_the_same_in_their_environment",),
    ),
    Bug(
        name="a parameter of a database's URL that nobody knows passes",
        file="shared/database/url_parameters.py",
        old="if known not in KNOWN and known not in PLACE:",
        new="if not known:",
        caught_by=(ADDRESSES + "test_what_is_wrong_is_named_and_the_password_is_not",),
    ),
    Bug(
        name="the host name of a broker is not checked",
        file="shared/messaging/brokers.py",
        old="context.check_hostname = settings.kafka_ssl_check_hostname",
        new="context.check_hostname = False",
        caught_by=(
            BROKERS + "test_a_user_signs_on_over_tls",
            "tests/tls/test_kafka.py::test_no_client_gets_through",
        ),
    ),
    Bug(
        name="the numbers are shown to everybody",
        file="shared/http/health.py",
        old="if metrics_for and not is_within(",
        new="if not metrics_for and not is_within(",
        caught_by=("tests/shared/http/test_metrics_networks.py::test_numbers_are_for_those_who_are_named",),
    ),
)
