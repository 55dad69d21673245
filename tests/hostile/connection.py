"""The connection that forgers attack, and how what it believes is signed."""

import hashlib
import hmac
from uuid import UUID

import orjson

from services.marketing.capture.connectors.generic import endpoint as generic
from services.marketing.capture.connectors.generic.rules import Signature
from services.marketing.capture.connectors.linkedin import endpoint as linkedin
from services.marketing.capture.sources.encryption import Sealer, digest
from services.marketing.capture.sources.rules import ConnectionSettings

CONNECTION = UUID(int=11)
LIVE = ("the-app-secret-that-is-retired-soon", "the-app-secret-of-today")
KEYS = ("a-long-google-key-0123456789abcdef", "the-next-google-key-fedcba9876543210")
TOKEN = "the-verify-token-of-this-connection"
BODY = orjson.dumps(
    {
        "object": "page",
        "entry": [
            {"id": "1", "time": 1440120384, "changes": [{"field": "leadgen", "value": {"leadgen_id": 7}}]}
        ],
    }
)
TIME = "1700000000"
# Calendly's way: the time and the number are elements of one header, and the time is signed, too.
ELEMENTS = Signature(header="X-Signature", element="v1", timestamp_element="t", signed="{timestamp}.{body}")


def connection(sealer: Sealer) -> ConnectionSettings:
    """With every secret sealed, but for one key that is kept as it was before keys were."""
    secrets: dict[str, tuple[str, ...]] = dict.fromkeys(("app_secret", generic.SECRET, linkedin.SECRET), LIVE)
    secrets |= {"google_key": KEYS[1:], "verify_token": (TOKEN,)}
    return ConnectionSettings(
        CONNECTION,
        "cn_forged",
        "meta",
        digests={"google_key": [digest(KEYS[0])]},
        sealed={kind: [sealer.seal(secret, CONNECTION) for secret in live] for kind, live in secrets.items()},
    )


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256).hexdigest()


def elements(body: bytes, secret: str) -> str:
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, TIME.encode() + b"." + body, hashlib.sha256).hexdigest()
