"""Our hash is the one every Kafka client uses, and so is what we make of it."""

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as theirs
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messaging.partitioning import murmur2, partition_of


@given(st.binary(max_size=80))
def test_every_key_hashes_as_the_client_library_has_it(key: bytes) -> None:
    assert murmur2(key) == theirs(key) & 0xFFFFFFFF


@given(st.binary(max_size=80), st.integers(1, 50))
@example(b"key-3", 12)  # its hash has the sign bit set
def test_every_key_goes_where_the_client_library_sends_it(key: bytes, partitions: int) -> None:
    numbers = list(range(partitions))

    assert partition_of(key, partitions) == DefaultPartitioner()(key, numbers, numbers)


def test_a_key_stays_where_it_always_was() -> None:
    assert partition_of(b"00000000-0000-7000-8000-0000000000aa", 12) == 10
