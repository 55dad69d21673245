"""Small changes to bytes and texts, of the kinds a forger or a broken sender makes. Seeded, so replayable."""

import json
from random import Random

LOOKALIKES = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "0": "\uff10", "1": "\u0661", "f": "\uff46"}
BLANKS = (" ", "\t", "\n", "\r", "\x0b", "\x0c", "\x85", "\xa0", "\u200b", "\ufeff")


def changed_bytes(random: Random, raw: bytes) -> bytes:
    """The bytes with one change; never the same bytes."""
    while True:
        found = _change(random, raw)
        if found != raw:
            return found


def _change(random: Random, raw: bytes) -> bytes:
    place = random.randrange(len(raw))
    kind = random.randrange(8)
    if kind == 0:  # one bit
        return raw[:place] + bytes([raw[place] ^ (1 << random.randrange(8))]) + raw[place + 1 :]
    if kind == 1:  # one byte more
        return raw[:place] + random.randbytes(1) + raw[place:]
    if kind == 2:  # some bytes less
        return raw[:place] + raw[place + random.randrange(1, 4) :]
    if kind == 3:  # cut off
        return raw[:place]
    if kind == 4:  # blanks around it
        return (
            random.choice((b" ", b"\n", b"\r\n", b"\xef\xbb\xbf")) + raw + random.choice((b"", b" ", b"\n"))
        )
    if kind == 5:  # two bytes change places
        other = random.randrange(len(raw))
        swapped = bytearray(raw)
        swapped[place], swapped[other] = swapped[other], swapped[place]
        return bytes(swapped)
    if kind == 6:  # twice
        return raw + raw[:place]
    return _meaning_the_same(random, raw)


def _meaning_the_same(random: Random, raw: bytes) -> bytes:
    """JSON that a parser reads alike: the bytes are others all the same."""
    try:
        value = json.loads(raw)
    except ValueError:
        return raw + b" "
    text = json.dumps(value, indent=random.choice((None, 1, 2)), ensure_ascii=random.random() < 0.5)
    return text.encode()


def changed_text(random: Random, text: str) -> str:
    """The text with one change; never the same text. Without NUL, with which HMAC pads its keys."""
    while True:
        found = _change_text(random, text)
        if found != text and "\x00" not in found:
            return found


def _change_text(random: Random, text: str) -> str:
    place = random.randrange(len(text))
    kind = random.randrange(9)
    if kind == 0:
        return text[:place] + chr(random.randrange(1, 0x250)) + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + chr(random.randrange(1, 0x250)) + text[place:]
    if kind == 3:
        return text[:place]
    if kind == 4:
        return random.choice(BLANKS) + text if random.random() < 0.5 else text + random.choice(BLANKS)
    if kind == 5:
        return text.swapcase()
    if kind == 6:
        return text[:place] + LOOKALIKES.get(text[place], "\u0131") + text[place + 1 :]
    if kind == 7:
        return text[::-1]
    return text + text[: place + 1]
