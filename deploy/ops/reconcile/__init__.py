"""Does every service say the same? The equations of the product, read across three databases and Kafka.

    findings = await reconcile(Addresses(databases={...}, kafka="127.0.0.1:9092"), patience=20)
    assert findings.holds, findings.summary()

An equation is added in `equations/`, and nowhere else: command, metrics and fault suite read the same list.
"""

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile.findings import Difference, Findings, Line
from deploy.ops.reconcile.rounds import reconcile
from deploy.ops.reconcile.servers import UnreachableError

__all__ = ["Addresses", "Difference", "Findings", "Line", "UnreachableError", "reconcile"]
