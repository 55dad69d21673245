"""The partition of a key, as the Java client and all that follow it choose it. Pure.

Source: org.apache.kafka.common.utils.Utils.murmur2. The function of aiokafka gives the same and works
byte by byte, which was the largest part of the relay's processor time.
"""

from struct import iter_unpack

_SEED, _MIX, _BITS = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Where events of this key go, for ever: it depends on nothing but the number of partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The unsigned 32-bit hash."""
    size = len(data)
    whole = size & ~3
    found = _SEED ^ size
    for (word,) in iter_unpack("<I", data[:whole]):
        word = (word * _MIX) & _BITS
        found = ((found * _MIX) & _BITS) ^ (((word ^ (word >> 24)) * _MIX) & _BITS)
    if size > whole:
        found = ((found ^ int.from_bytes(data[whole:], "little")) * _MIX) & _BITS
    found = ((found ^ (found >> 13)) * _MIX) & _BITS
    return found ^ (found >> 15)
