"""PostgreSQL and Kafka as real servers, for the local stack, the tests and the benchmarks alike.

    with running(tmp_path) as addresses:          # both start at once, about 4 s; nothing is left behind
        addresses.postgres_url_for("marketing")   # role and database of that name, made at first asking
        addresses.admin_url                       # superuser, e.g. for CREATE DATABASE … TEMPLATE …
        addresses.kafka_bootstrap                 # "127.0.0.1:<port>"
        addresses.postgres.running.kill()         # a crash; .start() brings it back with its data

`Postgres(home, port)` and `Kafka(home, port, controller_port)` can be used alone: `start()`, `stop()`.
"""

from deploy.local.servers.both import Addresses, running
from deploy.local.servers.kafka import Kafka
from deploy.local.servers.ports import free_port
from deploy.local.servers.postgres import Postgres
from deploy.local.servers.processes import ServerError

__all__ = ["Addresses", "Kafka", "Postgres", "ServerError", "free_port", "running"]
