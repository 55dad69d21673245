"""One lead as the database holds it, in memory: what is sent, taken back and released, by the rules alone."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.funnel.leads.remaining import Remaining, origin_of, remain
from services.marketing.funnel.leads.rules import (
    LeadState,
    Origin,
    apply_submissions,
    begin_again,
    counts_by_day,
    new_lead,
)
from services.marketing.funnel.lifecycle.rules import CycleOrigin, Stage
from services.marketing.funnel.scoring.rules import Model, Rule
from tests.support.samples import NOON

EVA, LEAD = UUID(int=1), UUID(int=2)
RULES = (
    Rule("asked_twice", "engagement", "arrivals", "at_least", 2, 20),
    Rule("director", "fit", "job_title", "contains_any", ("director",), 40),
    Rule("from_search", "engagement", "channel", "is", "paid_search", 10),
)
MODEL = Model(1, threshold=50, fit_cap=60, engagement_cap=40, rules=RULES)


def submission(number: int, **changes: Any) -> ScoredSubmission:
    """The `number`th of Eva, an hour behind the one before."""
    values: dict[str, Any] = {
        "contact_id": EVA,
        "submission_id": UUID(int=1000 + number),
        "received_at": NOON + timedelta(hours=number),
        "occurred_at": NOON + timedelta(hours=number),
        "source": "web_form",
        "channel": "direct",
    }
    return ScoredSubmission(**(values | changes))


@dataclass
class World:
    """One lead as the database holds it: its cycles, what stands of what was sent, and the reports' sums."""

    lead: LeadState | None = None
    cycles: dict[int, CycleOrigin] = field(default_factory=dict)
    standing: dict[UUID, ScoredSubmission] = field(default_factory=dict)
    sums: Counter[tuple[str, Origin]] = field(default_factory=Counter)
    told: list[tuple[str, int, int]] = field(default_factory=list)

    def send(self, one: ScoredSubmission) -> None:
        lead = replace(self.lead, stage=self.cycles[self.lead.cycle].stage) if self.lead else None
        if lead is None:
            lead = new_lead(LEAD, one)
        elif lead.withdrawn:
            lead = begin_again(lead, one)
        applied = apply_submissions(lead, [one], MODEL, touches=len(self.standing))
        leads, mqls = counts_by_day([applied])
        self._count({("leads", origin): n for origin, n in leads.items()})
        self._count({("mqls", origin): n for origin, n in mqls.items()})
        after, found = applied.lead, applied.qualification
        decisive = found.arrival if found else lead.first
        if decisive is not None:
            self.cycles[after.cycle] = CycleOrigin(
                after.cycle,
                after.stage,
                decisive.submission_id,
                decisive.campaign_id,
                decisive.channel or "",
                decisive.received_at,
                found.at if found else None,
                None,
            )
        if found:
            self.told.append(("qualified", after.cycle, found.lead.event_version))
        for again in applied.resubmissions:
            self.told.append(("resubmitted", again.lead.cycle, again.lead.event_version))
        origin = origin_of(lead.first) if lead.first else lead.began_with
        self.lead = replace(after, is_new=False, first=None, began_with=origin)
        self.standing[one.submission_id] = one

    def take_back(self, *numbers: int) -> list[ScoredSubmission]:
        """These, as far as they stand. Answers them."""
        gone = [one for n in numbers if (one := self.standing.get(UUID(int=1000 + n)))]
        if self.lead is None or not gone:
            return []
        ids = {one.submission_id for one in gone}
        self._settle(self._remain(gone=ids, touches_gone=len(ids)))
        for each in ids:
            del self.standing[each]
        return sorted(gone, key=lambda one: one.received_at)

    def release(self, ones: list[ScoredSubmission]) -> None:
        for one in ones:
            self.send(one)
        if ones and len(self.standing) > 1:
            self._settle(self._remain(again={one.submission_id for one in ones}))

    def come_back(self) -> None:
        """Handoff returns the lead, when it is open there."""
        if self.lead and self.cycles[self.lead.cycle].stage is Stage.MQL:
            current = self.cycles[self.lead.cycle]
            self.cycles[current.cycle] = replace(current, stage=Stage.RECYCLED)

    def _remain(self, **what: Any) -> Remaining:
        assert self.lead is not None
        cycles = [self.cycles[number] for number in sorted(self.cycles)]
        return remain(self.lead, cycles, self.standing.values(), MODEL, **what)

    def _settle(self, left: Remaining) -> None:
        for cycle in left.ended:
            self.cycles[cycle.cycle] = replace(cycle, stage=Stage.WITHDRAWN, withdrawn_at=NOON)
        for number, holder in left.rested:
            self.cycles[number] = replace(
                self.cycles[number],
                submission_id=holder.submission_id,
                campaign_id=holder.campaign_id,
                channel=holder.channel or "",
                received_at=holder.received_at,
            )
        first = left.lead.event_version - len(left.told) + 1
        self.told += [("withdrawn", cycle.cycle, first + n) for n, cycle in enumerate(left.told)]
        self._count(left.changes)
        self.lead = left.lead

    def _count(self, changes: Any) -> None:
        for key, change in changes.items():
            self.sums[key] += change
            if not self.sums[key]:
                del self.sums[key]

    def counted(self) -> Counter[tuple[str, Origin]]:
        """The reports' sums as the rows say."""
        found: Counter[tuple[str, Origin]] = Counter()
        lead = self.lead
        if lead is None:
            return found
        assert lead.began_with is not None
        if not lead.withdrawn:
            found["leads", (lead.began_at.date(), lead.began_with.campaign_id, lead.began_with.channel)] += 1
        first = self.cycles.get(lead.first_cycle)
        if first and first.qualified_at and first.withdrawn_at is None:
            found["mqls", (first.qualified_at.date(), first.campaign_id, first.channel)] += 1
        return found

    def holds(self) -> None:
        lead = self.lead
        if lead is None:
            return
        assert self.sums == self.counted()
        assert lead.facts["arrivals"] == len(self.standing)
        assert lead.withdrawn == (not self.standing)
        for cycle in self.cycles.values():
            if cycle.qualified_at and cycle.withdrawn_at is None:
                assert cycle.submission_id in self.standing, "a qualification that nothing stands behind"
        assert [version for _, _, version in self.told] == list(range(1, len(self.told) + 1))
        taken = [cycle for what, cycle, _ in self.told if what == "withdrawn"]
        assert len(taken) == len(set(taken)), "a cycle is taken back once"
