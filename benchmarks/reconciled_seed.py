"""A company written by statements, as its services would have left it: equal everywhere, at any size.

Lead i has its ids by name (`md5('lead' || i)`), so that three databases agree without talking. Every lead is
offered, three in ten are accepted, one in ten is won: 12.34 EUR under each model, over ten touches.
"""
# ruff: noqa: E501 - statements read better when a clause keeps its line

from deploy.local.servers.postgres import Postgres

REPS = 20
BODY = 400  # bytes of an event, about what ours have
HELPERS = """
CREATE FUNCTION pg_temp.named(what text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(what || i)::uuid;
CREATE FUNCTION pg_temp.rep(i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5('rep' || i % {reps})::uuid;
CREATE TEMP VIEW l AS SELECT i, pg_temp.named('lead', i) AS lead, pg_temp.named('deal', i) AS deal,
    i % 10 < 3 AS accepted, i % 10 = 0 AS won FROM generate_series(1, {leads}) AS i;
"""
STAGED = """
CREATE FUNCTION pg_temp.stage(what text, part text, at text, kind text, of text, number int) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN EXECUTE format(
    'INSERT INTO outbox (event_id, topic, key, type, version, data) SELECT pg_temp.named(%L, i), %L, %s::text, '
    '%L, %s, convert_to(repeat(''x'', {body}), ''UTF8'') FROM l WHERE %s', what, at, of, kind, number, part);
END $$;
CREATE FUNCTION pg_temp.heard(what text, part text, at text) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN EXECUTE format(
    'INSERT INTO inbox (event_id, topic, part, off) SELECT pg_temp.named(%L, i), %L, 0, i FROM l WHERE %s',
    what, at, part);
END $$;
"""
MARKETING = """
INSERT INTO tallies VALUES (current_date, 'api', 0, {leads}, {leads});
INSERT INTO deliveries (id, door, source_id, state) SELECT pg_temp.named('del', i), 'api', lead, 'read' FROM l;
INSERT INTO submissions (id, delivery_id, door, source_id, state, lead_id, received_at, occurred_at)
SELECT pg_temp.named('sub', i), pg_temp.named('del', i), 'api', lead, 'created', lead, now(), now() FROM l;
INSERT INTO leads (id, contact_id, event_version, source, channel, score, fit, engagement, reasons,
                   scoring_model, facts, arrivals, occurred_at)
SELECT lead, pg_temp.named('who', i), 1, 'api', 'direct', 50, 30, 20, '{{}}', 1, '{{}}', 1, now() FROM l;
INSERT INTO lead_cycles (lead_id, cycle, stage, source, channel, qualified_at, accepted_at)
SELECT lead, 1, 'mql', 'api', 'direct', now(), CASE WHEN accepted THEN now() END FROM l;
INSERT INTO lead_days SELECT (occurred_at AT TIME ZONE 'UTC')::date, '00000000-0000-0000-0000-000000000000', channel,
       0, count(*), count(*) FROM leads GROUP BY 1, 3;
INSERT INTO lifecycle_log (lead_id, cycle, at, stage) SELECT lead, 1, now(), 'mql' FROM l;
INSERT INTO deals (deal_id, version, lead_id, cycle, outcome, amount_minor, currency, reporting_amount_minor,
                   reporting_currency, closed_on)
SELECT deal, CASE WHEN won THEN 2 ELSE 1 END, lead, 1, CASE WHEN won THEN 'won' END,
       CASE WHEN won THEN 1234 ELSE 0 END, 'EUR', CASE WHEN won THEN 1234 END, CASE WHEN won THEN 'EUR' END,
       CASE WHEN won THEN current_date - (i % 365)::int END FROM l WHERE accepted;
INSERT INTO deal_days SELECT reporting_currency, closed_on, count(*), sum(reporting_amount_minor) FROM deals
WHERE outcome = 'won' GROUP BY 1, 2;
INSERT INTO credit_sets (deal_id, revision, cause, models, lookback_days, currency, reporting_currency,
                         amount_delta, reporting_delta, closed_on)
SELECT deal, 2, 'closed', '{{first_touch,last_touch,linear,position_based}}', 90, 'EUR', 'EUR', 1234, 1234,
       current_date - (i % 365)::int FROM l WHERE won;
INSERT INTO credits (deal_id, revision, line, place, bucket, touch_id, campaign_id, channel, closed_on,
                     touched_on, amounts, reporting_amounts, deals_ppm)
SELECT deal, 2, n, n, 'touch', pg_temp.named('touch' || n, i), pg_temp.named('campaign', (i + n) % 50), 'paid',
       current_date - (i % 365)::int, current_date - (i % 365)::int - n, a, a, a
FROM l, generate_series(1, 10) AS n, LATERAL (SELECT ARRAY[CASE WHEN n = 1 THEN 1234 ELSE 0 END,
       CASE WHEN n = 10 THEN 1234 ELSE 0 END, CASE WHEN n <= 4 THEN 124 ELSE 123 END,
       CASE WHEN n IN (1, 10) THEN 493 ELSE 31 END]::bigint[] AS a) AS split WHERE won;
INSERT INTO campaign_days
SELECT b.basis, 'EUR', m.model, b.day, campaign_id, channel, bucket, sum(reporting_amounts[m.place]),
       sum(deals_ppm[m.place])
FROM credits, unnest('{{first_touch,last_touch,linear,position_based}}'::text[]) WITH ORDINALITY AS m(model, place),
     LATERAL (VALUES ('closed', closed_on), ('touched', touched_on)) AS b(basis, day) GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO campaign_months
SELECT basis, currency, model, date_trunc('month', day::timestamp)::date, campaign_id, channel, bucket,
       sum(revenue_minor), sum(deals_ppm)
FROM campaign_days GROUP BY 1, 2, 3, 4, 5, 6, 7;
SELECT pg_temp.stage('qualified', 'true', 'marketing.leads', 'leadloop.marketing.lead_qualified.v1', 'lead', 1);
SELECT pg_temp.heard('assigned', 'true', 'handoff.assignments');
SELECT pg_temp.heard('accepted', 'accepted', 'handoff.assignments');
SELECT pg_temp.heard('opened', 'accepted', 'sales.deals');
SELECT pg_temp.heard('closed', 'won', 'sales.deals');
"""
HANDOFF = """
INSERT INTO reps (id, subject, display_name, team_id) SELECT pg_temp.rep(i), 'rep' || i, 'Rep', (SELECT id FROM
    teams LIMIT 1) FROM generate_series(1, {reps}) AS i;
INSERT INTO leads (lead_id, cycle, contact_id, state, version, hop, team_id, band, rule_set, rule_id, rep_id,
    received_at, qualified_at, backfilled, source, hand_raiser, score, accepted_at)
SELECT lead, 1, pg_temp.named('who', i), CASE WHEN won THEN 'closed' WHEN accepted THEN 'accepted' ELSE 'offered'
    END, CASE WHEN accepted THEN 2 ELSE 1 END, 1, (SELECT id FROM teams LIMIT 1), 'hot', 1, lead, pg_temp.rep(i),
    now(), now(), false, 'api', true, 50, CASE WHEN accepted THEN now() END FROM l;
INSERT INTO assignments (id, lead_id, cycle, hop, rep_id, team_id, band, turn, state, offered_at, answer_by, trace)
SELECT pg_temp.named('offer', i), lead, 1, 1, pg_temp.rep(i), (SELECT id FROM teams LIMIT 1), 'hot', i,
    CASE WHEN won THEN 'closed' WHEN accepted THEN 'accepted' ELSE 'offered' END, now(),
    now() + interval '9 days', '{{}}' FROM l;
INSERT INTO turns (team_id, band, number, kind, rep_id, lead_id)
SELECT (SELECT id FROM teams LIMIT 1), 'hot', i, 'assigned', pg_temp.rep(i), lead FROM l;
INSERT INTO loads SELECT rep_id, count(*) FROM assignments WHERE state <> 'closed' GROUP BY 1;
INSERT INTO deals SELECT deal, lead, 1, 2, false FROM l WHERE won;
INSERT INTO outbox (event_id, topic, key, type, version, data)
SELECT pg_temp.named('repchanged', i), 'handoff.reps', pg_temp.rep(i), 'leadloop.handoff.rep_changed.v1', 1, ''
FROM generate_series(1, {reps}) AS i;
SELECT pg_temp.stage('assigned', 'true', 'handoff.assignments', 'leadloop.handoff.lead_assigned.v1', 'lead', 1);
SELECT pg_temp.stage('accepted', 'accepted', 'handoff.assignments', 'leadloop.handoff.lead_accepted.v1', 'lead', 2);
SELECT pg_temp.heard('qualified', 'true', 'marketing.leads');
SELECT pg_temp.heard('closed', 'won', 'sales.deals');
"""
SALES = """
INSERT INTO reps SELECT pg_temp.rep(i), 'rep' || i, 'Rep', '00000000-0000-7000-8000-000000000001', 'Sales', NULL,
    true, 1, now() FROM generate_series(1, {reps}) AS i;
INSERT INTO deals (id, origin, lead_id, cycle, contact_ids, rep_id, pipeline_id, opened_at, state, stage,
    stage_since, currency, amount_minor, closed_on, rate, reporting_currency, reporting_minor, version)
SELECT deal, 'lead', lead, 1, '{{}}', pg_temp.rep(i), (SELECT id FROM pipelines LIMIT 1), now(),
    CASE WHEN won THEN 'won' ELSE 'open' END, 'new', now(), 'EUR', CASE WHEN won THEN 1234 ELSE 0 END,
    CASE WHEN won THEN current_date - (i % 365)::int END, CASE WHEN won THEN 1 END,
    CASE WHEN won THEN 'EUR' END, CASE WHEN won THEN 1234 ELSE 0 END, CASE WHEN won THEN 2 ELSE 1 END
FROM l WHERE accepted;
INSERT INTO deal_history (deal_id, version, fact, from_state, to_state, from_stage, to_stage, seconds, net_minor,
    reporting_minor, by, occurred_at)
SELECT deal, 2, 'won', 'open', 'won', 'new', 'new', 0, 1234, 1234, 'bench', now() FROM l WHERE won;
SELECT pg_temp.stage('opened', 'accepted', 'sales.deals', 'leadloop.sales.deal_opened.v1', 'deal', 1);
SELECT pg_temp.stage('closed', 'won', 'sales.deals', 'leadloop.sales.deal_closed.v1', 'deal', 2);
SELECT pg_temp.heard('accepted', 'accepted', 'handoff.assignments');
INSERT INTO inbox (event_id, topic, part, off)
SELECT pg_temp.named('repchanged', i), 'handoff.reps', 0, i FROM generate_series(1, {reps}) AS i;
"""
QUEUED = "INSERT INTO outbox_pending SELECT id, created_at FROM outbox;\nANALYZE;\n"


def fill(postgres: Postgres, leads: int, *, queue: bool) -> None:
    """Write the three databases; `queue` leaves every event to be sent."""
    for service, script in {"marketing": MARKETING, "handoff": HANDOFF, "sales": SALES}.items():
        text = HELPERS + STAGED + script + (QUEUED if queue else "ANALYZE;\n")
        postgres.run_sql(text.format(leads=leads, reps=REPS, body=BODY), service)
