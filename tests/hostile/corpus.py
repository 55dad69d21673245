"""What hostile clients send: floods, and requests that two parsers could read differently.

The kinds of smuggling are those of RFC 9112, section 11.2, and of the published research on it: two
lengths, two codings, lengths that are no numbers, blanks and line ends where none belong.
"""

HIDDEN = b"GET /livez HTTP/1.1\r\nHost: hidden\r\n\r\n"
AMBIGUOUS = (
    b"Content-Length: 3\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 3",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunkedx",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding\t: chunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding: chunked\x0b",
    b"\x0bTransfer-Encoding: chunked",
    b"X: x\nTransfer-Encoding: chunked",
    b"X: x\rTransfer-Encoding: chunked",
    b"Content-Length: 3\r\nContent-Length: 3",
    b"Content-Length: 3\r\nContent-Length: 4",
    b"Content-Length: 3, 3",
    b"Content-Length: +3",
    b"Content-Length: -3",
    b"Content-Length: 0x3",
    b"Content-Length: 3.0",
    b"Content-Length: 3e0",
    b"Content-Length: 3 3",
    b"Content-Length: ",
    b"Content-Length: \xd9\xa3",
    b"Content-Length : 3",
    b"Content-Length\t: 3",
    b"Content-Length: 99999999999999999999999",
    b"X: x\nContent-Length: 3",
    b"X: x\rContent-Length: 3",
    b" Content-Length: 3",
    b"X: x\r\n Content-Length: 3",
    b"Content Length: 3",
    b"Content-Length\x00: 3",
    b"X\x00: 3\r\nContent-Length: 3",
    b"Host: another\r\nContent-Length: 3",
    b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
)
# Two spaces between the words are not among them: RFC 9112, section 3, lets a reader split at any
# blanks there, and they leave nobody in doubt about where the request ends.
FIRST_LINES = (
    b"POST %s HTTP/1.1 \r\n",
    b"POST\t%s HTTP/1.1\r\n",
    b"POST %s HTTP/1.2\r\n",
    b"POST %s HTTP/2.0\r\n",
    b"POST %s\r\n",
    b"POST %s HTTP/1.1\n",
    b"P\x00ST %s HTTP/1.1\r\n",
    b"POST %s\x00 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n",
)
CHUNKS = (
    b"0x3\r\nabc\r\n0\r\n\r\n",
    b"+3\r\nabc\r\n0\r\n\r\n",
    b"-1\r\nabc\r\n0\r\n\r\n",
    b"3\nabc\n0\n\n",
    b"3 \r\r\nabc\r\n0\r\n\r\n",
    b"\r\n3\r\nabc\r\n0\r\n\r\n",
    b"g\r\nabc\r\n0\r\n\r\n",
    b"3\r\nabcd\r\n0\r\n\r\n",
    b"ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
)


def _path(key: bytes) -> bytes:
    return b"/v1/forms/" + key + b"/submissions"


def SMUGGLED(key: bytes) -> list[bytes]:  # noqa: N802 - reads as the table it is
    """Each carries a second request behind what one of two readers would take for the end."""
    path = _path(key)
    first = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n"
    headers = [first + each + b"\r\n\r\n0\r\n\r\n" + HIDDEN for each in AMBIGUOUS]
    lines = [
        (each % path if b"%s" in each else each) + b"Host: a\r\nContent-Length: 3\r\n\r\nabc" + HIDDEN
        for each in FIRST_LINES
    ]
    chunks = [first + b"Transfer-Encoding: chunked\r\n\r\n" + each + HIDDEN for each in CHUNKS]
    return headers + lines + chunks


def FLOODS(key: bytes) -> list[tuple[str, bytes, frozenset[int]]]:  # noqa: N802
    """Name, bytes, and the statuses that are an answer to them."""
    post = b"POST " + _path(key) + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    return [
        ("ten thousand headers", post + b"X: y\r\n" * 10_000 + b"\r\n", frozenset({431})),
        ("one header of a megabyte", post + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n", frozenset({431})),
        ("a header that never ends", post + b"X: " + b"y" * 40_000, frozenset({431})),
        (
            "an address of a megabyte",
            b"GET /" + b"y" * (1 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            frozenset({431}),
        ),
        (
            "a body of ten megabytes",
            post + b"Content-Length: 10485760\r\n\r\n" + b"x" * (10 << 20),
            frozenset({413}),
        ),
        ("chunks without end", post + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20, frozenset({413})),
        ("a cookie jar", post + b"Cookie: " + b"a=b; " * 8000 + b"\r\n\r\n", frozenset({431})),
    ]
