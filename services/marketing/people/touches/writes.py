"""The set-based writes of touches."""

from services.marketing.people.touches.rules import NamedVisit, NewAnonymousTouch, NewTouch, Unmatched
from services.marketing.people.touches.tables import AnonymousTouch, Touch, UnmatchedReference
from shared.database import bulk

# What is known by its submission or its external id stays as it is.
INSERT = bulk.insert(Touch, NewTouch, constants=("recorded_at",), on_conflict=bulk.keep(), returning=("id",))
INSERT_ANONYMOUS = bulk.insert(
    AnonymousTouch,
    NewAnonymousTouch,
    constants=("recorded_at",),
    on_conflict=bulk.keep(),
    returning=("id",),
)
NOTE_UNMATCHED = bulk.insert(UnmatchedReference, Unmatched, on_conflict=bulk.keep())
TAKE_BACK = """
WITH gone AS (DELETE FROM touches WHERE submission_id = ANY($1::uuid[]) RETURNING id)
DELETE FROM unmatched_references r USING gone g WHERE r.touch_id = g.id
"""
# Touches of sessions and visitors that now have a name, moved in one statement. A campaign that was
# registered since gets its own; what still names none can be claimed later, like every other touch.
ADOPT = bulk.Statement(
    """
WITH named AS MATERIALIZED (SELECT * FROM {named}),
found AS (
    SELECT a.id, n.contact_id FROM anonymous_touches a JOIN named n ON a.session_id = n.session_id
    UNION
    SELECT a.id, n.contact_id FROM anonymous_touches a JOIN named n ON a.visitor_id = n.visitor_id
),
chosen AS (SELECT DISTINCT ON (id) id, contact_id FROM found ORDER BY id, contact_id),
taken AS (
    DELETE FROM anonymous_touches a USING chosen c WHERE a.id = c.id RETURNING a.*, c.contact_id
),
moved AS (
    INSERT INTO touches (id, contact_id, kind, source, external_id, campaign_id, channel, session_id,
                         visitor_id, landing_path, utm, click_ids, referrer, channel_rules, occurred_at,
                         recorded_at)
    SELECT t.id, t.contact_id, t.kind, t.source, t.external_id, coalesce(t.campaign_id, c.id),
           CASE WHEN t.channel_rules IS NULL THEN t.channel ELSE coalesce(c.channel, t.channel) END,
           t.session_id, t.visitor_id, t.landing_path, t.utm, t.click_ids, t.referrer,
           CASE WHEN c.id IS NULL THEN t.channel_rules END, t.occurred_at, t.recorded_at
    FROM taken t LEFT JOIN campaigns c
         ON t.campaign_id IS NULL AND c.utm_campaign = lower(btrim(t.utm->>'campaign'))
    ON CONFLICT DO NOTHING
    RETURNING id, campaign_id, utm, occurred_at
)
INSERT INTO unmatched_references (kind, value, touch_id, place, occurred_at)
SELECT 'utm', left(lower(btrim(utm->>'campaign')), 200), id, 0, occurred_at
FROM moved WHERE campaign_id IS NULL AND btrim(utm->>'campaign') <> ''
ON CONFLICT DO NOTHING
""",
    named=bulk.Rows(AnonymousTouch, NamedVisit, types={"contact_id": "uuid"}),
)
# The campaign takes its touches. A channel that the caller of the API named itself stays.
CLAIM = """
WITH wanted AS (
    SELECT DISTINCT ON (u.touch_id) u.touch_id, u.campaign_id, u.channel
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) AS u(touch_id, campaign_id, channel, place)
    ORDER BY u.touch_id, u.place
),
forgotten AS (DELETE FROM unmatched_references r USING wanted w WHERE r.touch_id = w.touch_id)
UPDATE touches t
SET campaign_id = w.campaign_id,
    channel = CASE WHEN t.submission_id IS NULL AND t.channel_rules IS NULL THEN t.channel
                   ELSE w.channel END,
    channel_rules = NULL
FROM wanted w
WHERE t.id = w.touch_id AND t.campaign_id IS NULL
RETURNING t.id, t.contact_id, t.submission_id, t.campaign_id, w.channel
"""
