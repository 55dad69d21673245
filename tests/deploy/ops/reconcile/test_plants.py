"""Each kind of fault, planted into a database, breaks exactly the equations that promise its absence."""

import pytest

from deploy.ops.reconcile import reconcile
from tests.deploy.ops.reconcile.conftest import Company
from tests.deploy.ops.reconcile.plants import WORK, Plant

PLANTS = {
    "a delivery that vanished": Plant(
        "marketing", "DELETE FROM deliveries WHERE id = (SELECT min(id::text)::uuid FROM deliveries)",
        {"deliveries"}, "api",
    ),
    "a submission that vanished": Plant(
        "marketing", "DELETE FROM submissions WHERE id = (SELECT min(id::text)::uuid FROM submissions)",
        {"submissions"}, "api",
    ),
    "a body that went and left no hash": Plant(
        "marketing", "UPDATE deliveries SET body = NULL, body_sha256 = NULL, cleared_at = now() "
        "WHERE id = (SELECT min(id::text)::uuid FROM deliveries)",
        {"cleared"}, "api",
    ),
    "a correction that nobody made": Plant(
        "marketing", "UPDATE contacts SET corrected = '{\"phone\": \"2026-01-01T00:00:00+00:00\"}' "
        "WHERE id = (SELECT min(id::text)::uuid FROM contacts)",
        {"corrected"}, "phone",
    ),
    "a lead that handoff does not know": Plant(
        "handoff",
        "WITH gone AS (DELETE FROM assignments WHERE lead_id = $1::uuid RETURNING team_id, band, turn, "
        "rep_id), turn AS (DELETE FROM turns t USING gone g WHERE (t.team_id, t.band, t.number) = "
        "(g.team_id, g.band, g.turn)), load AS (UPDATE loads SET open_leads = open_leads - 1 "
        "WHERE rep_id IN (SELECT rep_id FROM gone)), log AS (DELETE FROM outbox WHERE "
        "key = $1::text) DELETE FROM leads WHERE lead_id = $1::uuid",
        {"qualified", "foreign", "delivered_handoff_marketing"}, "offered_lead",
    ),
    "a lead that nobody qualified": Plant(
        "marketing", "UPDATE lead_cycles SET qualified_at = NULL WHERE lead_id = $1::uuid",
        {"qualified", "lead_days"}, "offered_lead",
    ),
    "a lead taken back that nobody heard of": Plant(
        "marketing", "UPDATE lead_cycles SET withdrawn_at = now() WHERE lead_id = $1::uuid",
        {"withdrawn", "withdrawn_in_sales", "lead_days"}, "returned_lead",
    ),
    "a lead taken back that is offered still": Plant(
        "handoff", "UPDATE leads SET withdrawn_at = now() WHERE lead_id = $1::uuid",
        {"withdrawn", "withdrawn_offers"}, "offered_lead",
    ),
    "a lead taken back whose rep keeps the turn": Plant(
        "handoff", "UPDATE turns SET kind = 'manual', lead_id = gen_random_uuid() "
        "WHERE kind = 'credited_back' AND lead_id = $1::uuid",
        {"turns", "withdrawn_offers"}, "withdrawn_lead",
    ),
    "a submission set aside whose touch counts on": Plant(
        "marketing", "UPDATE submissions SET state = 'quarantined' WHERE id = $1::uuid",
        {"taken_back"}, "won_submission",
    ),
    "a lead that is counted twice": Plant(
        "marketing", "UPDATE lead_days SET leads = leads + 1", {"lead_days"}, "campaign",
    ),
    "a day that lost a won deal": Plant(
        "marketing", "UPDATE deal_days SET deals = deals - 1", {"deal_days"}, "EUR",
    ),
    "a day whose won deals lost a cent": Plant(
        "marketing", "UPDATE deal_days SET amount_minor = amount_minor - 1", {"deal_days"}, "EUR",
    ),
    "an assignment that vanished": Plant(
        "handoff",
        "WITH gone AS (DELETE FROM assignments WHERE lead_id = $1::uuid RETURNING team_id, band, turn) "
        "DELETE FROM turns t USING gone g WHERE (t.team_id, t.band, t.number) = (g.team_id, g.band, g.turn)",
        {"offers"}, "lost_lead",
    ),
    "a turn that vanished": Plant(
        "handoff", "DELETE FROM turns WHERE lead_id = $1::uuid", {"turns"}, "open_lead",
    ),
    "a rep with a wrong load": Plant(
        "handoff", "UPDATE loads SET open_leads = open_leads + 1", {"loads"}, "",
    ),
    "a deal that vanished": Plant(
        "sales",
        "WITH h AS (DELETE FROM deal_history WHERE deal_id = $1::uuid), "
        "a AS (DELETE FROM activities WHERE deal_id = $1::uuid), "
        "o AS (DELETE FROM outbox WHERE key = $1::text) DELETE FROM deals WHERE id = $1::uuid",
        {
            *("accepted", "attempts", "deals", "deal_people", "versions_sales", "delivered_sales_marketing"),
            "foreign",
        },
        "open_deal",
    ),
    "a deal of a cycle that was never accepted": Plant(
        "sales", "UPDATE deals SET cycle = 2 WHERE lead_id = $1::uuid", {"accepted"}, "won_lead",
    ),
    "a return that marketing missed": Plant(
        "marketing", "UPDATE lead_cycles SET returned_at = NULL WHERE lead_id = $1::uuid",
        {"followed", "held_leads"}, "returned_lead",
    ),
    "a rep sales did not hear of": Plant(
        "sales", "DELETE FROM reps WHERE id = (SELECT min(id::text)::uuid FROM reps)", {"reps"}, "",
    ),
    "a copy with another amount": Plant(
        "marketing", "UPDATE deals SET amount_minor = amount_minor + 1 WHERE deal_id = $1::uuid",
        {"deals", "credits"}, "won_deal",
    ),
    "a credit set that vanished": Plant(
        "marketing", "DELETE FROM credit_sets WHERE deal_id = $1::uuid", {"closings"}, "lost_deal",
    ),
    "a closing that handoff missed": Plant(
        "handoff", "DELETE FROM deals WHERE deal_id = $1::uuid", {"closed_leads"}, "lost_deal",
    ),
    "a credit changed by one cent under one model": Plant(
        "marketing",
        "UPDATE credits SET amounts[2] = amounts[2] + 1 WHERE deal_id = $1::uuid", {"credits"}, "won_deal",
    ),
    "a credit of the first model, in the reporting currency": Plant(
        "marketing",
        "UPDATE credits SET reporting_amounts[1] = reporting_amounts[1] - 1 WHERE deal_id = $1::uuid",
        {"credits", "credit_sets", "campaign_days"}, "won_deal",
    ),
    "a credit that belongs to another campaign": Plant(
        "marketing", "UPDATE credits SET campaign_id = $1::uuid WHERE deal_id = $1::uuid OR true",
        {"campaign_days"}, "won_lead",
    ),
    "a sum that lost a cent": Plant(
        "marketing",
        "UPDATE campaign_days SET revenue_minor = revenue_minor - 1 WHERE basis = 'closed' AND model = "
        "(SELECT min(model) FROM campaign_days)",
        {"campaign_days", "campaign_months", "revenue"}, "campaign",
    ),
    "a sum by the day of the touch that lost a cent": Plant(
        "marketing",
        "UPDATE campaign_days SET revenue_minor = revenue_minor - 1 WHERE basis = 'touched' AND model = "
        "(SELECT min(model) FROM campaign_days)",
        {"campaign_days", "campaign_months"}, "campaign",
    ),
    "a month that lost a cent": Plant(
        "marketing", "UPDATE campaign_months SET revenue_minor = revenue_minor - 1 WHERE basis = 'closed'",
        {"campaign_months"}, "campaign",
    ),
    "a rate marketing has otherwise": Plant(
        "marketing", "UPDATE exchange_rates SET rate = rate * 2", {"rates"}, "USD:EUR/2020-01-01",
    ),
    "an event that was never staged": Plant(
        "sales",
        "DELETE FROM outbox WHERE key = $1::text AND version = "
        "(SELECT max(version) FROM outbox WHERE key = $1)",
        {"versions_sales", "delivered_sales_marketing", "delivered_sales_handoff", "foreign"}, "won_deal",
    ),
    "a gap in the versions": Plant(
        "handoff", "UPDATE outbox SET version = version + 1 WHERE key = $1::text AND version = 1",
        {"versions_handoff"}, "won_lead",
    ),
    "an announcement that was lost": Plant(
        "marketing", "DELETE FROM lifecycle_log WHERE stage = 'mql' AND lead_id = $1::uuid",
        {"announced"}, "won_lead",
    ),
    "an event that marketing never handled": Plant(
        "marketing", "DELETE FROM inbox WHERE event_id = (SELECT min(event_id::text)::uuid FROM inbox "
        "WHERE topic = 'sales.deals')",
        {"delivered_sales_marketing"}, "",
    ),
    "an event that Kafka lost": Plant(
        "sales",
        "INSERT INTO outbox (event_id, topic, key, type, version, data) SELECT gen_random_uuid(), "
        "'dead.sales', $1::text, 'leadloop.shared.event_parked.v1', 1, '{}'",
        {"published"}, "",
    ),
    "an event that does not leave": Plant(
        "sales",
        "WITH e AS (INSERT INTO outbox (event_id, topic, key, type, version, data, created_at) SELECT "
        "gen_random_uuid(), 'dead.sales', $1::text, 'leadloop.shared.event_parked.v1', 1, '{}', "
        "now() - interval '1 hour' RETURNING id, created_at) "
        "INSERT INTO outbox_pending SELECT id, created_at FROM e",
        {"stuck_sales"}, "won_deal",
    ),
    "an event that Kafka refused": Plant(
        "sales",
        "WITH e AS (INSERT INTO outbox (event_id, topic, key, type, version, data) SELECT gen_random_uuid(), "
        "'dead.sales', $1::text, 'leadloop.shared.event_parked.v1', 1, '{}' RETURNING id, created_at) INSERT "
        "INTO outbox_parked (id, created_at, topic, key, error) "
        "SELECT id, created_at, 'dead.sales', $1, 'big' FROM e",
        {"refused_sales"}, "won_deal",
    ),
    "an event that sales could not handle": Plant(
        "sales",
        "INSERT INTO parked_events (event_id, topic, part, off, key, type, data, reason) VALUES "
        "(gen_random_uuid(), 'handoff.assignments', 0, 0, $1::text, 'x', '{}', 'invalid')",
        {"parked_sales"}, "won_lead",
    ),
    "a delivery that nobody reads": Plant(
        "marketing",
        "UPDATE deliveries SET state = 'pending', received_at = received_at - interval '2 minutes' "
        "WHERE id = (SELECT min(id::text)::uuid FROM deliveries)",
        {"stuck_intake"}, "api",
    ),
    "a rep whom marketing does not know": Plant(
        "marketing", "DELETE FROM holders WHERE rep_id = (SELECT min(rep_id::text)::uuid FROM holders)",
        {"holders"}, "",
    ),
    "a lead that somebody else holds": Plant(
        "marketing", "UPDATE contact_holds SET rep_id = $1::uuid WHERE source_id = $1::uuid",
        {"held_leads"}, "offered_lead",
    ),
    "a person on a deal whom nobody holds": Plant(
        "marketing", "DELETE FROM contact_holds WHERE kind = 'deal' AND lead_id IS NOT NULL",
        {"held_deals"}, "",
    ),
    "an offer that does not move on": Plant(
        "handoff",
        "UPDATE assignments SET answer_by = now() - interval '1 hour' WHERE state = 'offered' "
        "AND lead_id = $1::uuid",
        {"stuck_offers"}, "offered_lead",
    ),
    **WORK,
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PLANTS)
async def test_a_planted_fault_breaks_its_equations_and_no_other(company: Company, name: str) -> None:
    plant = PLANTS[name]
    about = company.ids.get(plant.about, plant.about)
    needs_id = "$1" in plant.sql
    await company.change(plant.service, plant.sql, *([about or "nobody"] if needs_id else []))

    findings = await reconcile(company.addresses, patience=1.5, within=None)

    assert set(findings.broken) == plant.broken, findings.summary()
    told = " ".join(one.key for name in plant.broken for one in findings.line(name).differences)
    assert about in told or about in findings.summary()
    assert all(one.remedy for name in plant.broken for one in findings.line(name).differences)


async def test_every_equation_was_seen_to_break(company: Company) -> None:
    """But for those that differ from one that was in nothing but the service."""
    findings = await reconcile(company.addresses, patience=1, within=None)
    seen = set.union(*(plant.broken for plant in PLANTS.values()))

    def kind(name: str) -> str:
        return name.partition("_")[0] if name.startswith(("parked", "refused", "stuck", "versions")) else name

    unseen = {kind(line.name) for line in findings.lines} - {kind(name) for name in seen}
    assert unseen - {name for name in unseen if name.startswith("delivered")} == set()
