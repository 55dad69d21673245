"""Two sets of event ids compared in bounded memory: 16 bytes each, in buckets, on disk when many."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any, Self

BUCKETS = 64
HELD = 1 << 16  # bytes of a bucket kept in memory before they go to its file
ID = 16
ID_HEADER, ID_PLACE = "ce_id", 4  # where our own relay puts it; anywhere else is found, too
PREAMBLE = 19  # of PostgreSQL's binary COPY: signature, flags, and the length of no extension
ROW = 27  # field count, then length and value of a uuid and of a boolean


class Spill:
    """Fixed-size records by the bucket of their id, appended in memory and flushed to a file of their own."""

    def __init__(self, size: int, stack: ExitStack) -> None:
        self._size = size
        self._held = [bytearray() for _ in range(BUCKETS)]
        self._files: list[Any] = [None] * BUCKETS
        self._stack = stack
        self.count = 0

    def add(self, record: bytes) -> None:
        bucket = record[ID - 1] % BUCKETS
        held = self._held[bucket]
        held += record
        self.count += 1
        if len(held) >= HELD:
            file = self._files[bucket]
            if file is None:
                file = self._files[bucket] = self._stack.enter_context(TemporaryFile())  # noqa: SIM115 - the stack's
            file.write(held)
            held.clear()

    def bucket(self, number: int) -> Iterator[bytes]:
        file = self._files[number]
        data = bytes(self._held[number])
        if file is not None:
            file.seek(0)
            data = file.read() + data
        return (data[place : place + self._size] for place in range(0, len(data), self._size))


class IdSets:
    """The ids in the outbox logs, and those on the topics. Use as a context: its files go at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._logged = Spill(ID + 1, self._stack)
        self._told = Spill(ID, self._stack)
        self._rest = b""
        self.sent = 0
        self.distinct = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin_copy(self) -> None:
        """A new answer of PostgreSQL's binary COPY begins."""
        self._rest = b""

    async def add_copied(self, data: bytes) -> None:
        """Rows of (event id, must it be on a topic?) of PostgreSQL's binary COPY, in any slices."""
        data = self._rest + data
        place = PREAMBLE if data.startswith(b"PGCOPY\n") else 0
        add = self._logged.add
        while len(data) - place >= ROW and data[place : place + 2] == b"\x00\x02":
            must = data[place + 26 : place + 27]
            self.sent += must == b"\x01"
            add(data[place + 6 : place + 22] + must)
            place += ROW
        self._rest = data[place:]

    def add_records(self, records: Sequence[Any], end: int) -> int:
        """Records of one partition before this offset. Returns how many of them carry no id."""
        nameless = 0
        add = self._told.add
        for record in records:
            if record.offset >= end:
                break
            headers = record.headers
            if len(headers) > ID_PLACE and headers[ID_PLACE][0] == ID_HEADER:
                value = headers[ID_PLACE][1]
            else:
                value = next((value for name, value in headers if name == ID_HEADER), b"")
            try:
                identity = bytes.fromhex(value.replace(b"-", b"").decode())
            except (ValueError, AttributeError):
                identity = b""
            if len(identity) == ID:
                add(identity)
            else:
                nameless += 1
        return nameless

    def differences(self) -> Iterator[tuple[list[bytes], list[bytes]]]:
        """Bucket by bucket: ids that must be on a topic and are not, ids on a topic that no log has."""
        self.distinct = 0
        for number in range(BUCKETS):
            must, may = set(), set()
            for record in self._logged.bucket(number):
                may.add(record[:ID])
                if record[ID]:
                    must.add(record[:ID])
            told = set(self._told.bucket(number))
            self.distinct += len(told)
            yield sorted(must - told), sorted(told - may)

    @property
    def told(self) -> int:
        """Ids read from the topics, repeats included."""
        return self._told.count
