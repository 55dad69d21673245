"""At rest, every equation holds."""

import pytest

from deploy.ops.reconcile import reconcile
from tests.deploy.ops.reconcile.conftest import Company


@pytest.mark.timeout(300)
async def test_every_equation_holds_after_a_life_of_everything(company: Company) -> None:
    findings = await reconcile(company.addresses, patience=5, within=None)

    assert findings.holds, findings.summary()
    empty = [line.name for line in findings.lines if line.right_name and not line.left]
    assert empty == [], "these equations compared nothing"
    named = {one.service: {each.queue for each in one.others} for one in findings.waiting}
    assert named["marketing"] >= {"deliveries", "deliveries_set_aside"}
    assert named["handoff"] >= {"pool", "held", "offers_overdue"}
