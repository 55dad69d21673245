"""Every bug the tests are tried with, by subject.

To add one: a line of the product, the same line wrong, the tests.

The tests belong to the ordinary suites, and each of them has to fail. Where none does, the missing
test is the finding. Tests that start programs of their own (tests/journeys) can't be named: their
programs would run the checkout.
"""

from tests.sabotage.bug import Bug
from tests.sabotage.bugs.access import EDGE
from tests.sabotage.bugs.audit import AUDIT
from tests.sabotage.bugs.challenges import CHALLENGES
from tests.sabotage.bugs.channels import CHANNELS
from tests.sabotage.bugs.connectors import CONNECTORS
from tests.sabotage.bugs.credentials import CREDENTIALS
from tests.sabotage.bugs.deals import DEALS
from tests.sabotage.bugs.desk import DESK
from tests.sabotage.bugs.fields import FIELDS
from tests.sabotage.bugs.forms import FORMS
from tests.sabotage.bugs.front_door import CAPTURE
from tests.sabotage.bugs.handoff import HANDOFF
from tests.sabotage.bugs.holds import HOLDS
from tests.sabotage.bugs.lines import LINES
from tests.sabotage.bugs.money import MONEY
from tests.sabotage.bugs.people import PEOPLE
from tests.sabotage.bugs.plumbing import CONSUMER, OUTBOX_AND_KAFKA
from tests.sabotage.bugs.quotas import QUOTAS
from tests.sabotage.bugs.retention import KEPT
from tests.sabotage.bugs.sign_on import SIGN_ON
from tests.sabotage.bugs.sums import SUMS
from tests.sabotage.bugs.withdrawals import WITHDRAWALS

BUGS: tuple[Bug, ...] = (
    *(*OUTBOX_AND_KAFKA, *CONSUMER, *CAPTURE, *CONNECTORS, *FIELDS, *PEOPLE, *CHANNELS, *FORMS),
    *(*MONEY, *SUMS, *HANDOFF, *HOLDS, *EDGE, *CREDENTIALS, *SIGN_ON, *WITHDRAWALS, *KEPT, *LINES),
    *(*QUOTAS, *AUDIT, *CHALLENGES, *DESK, *DEALS),
)
