"""A deal's money from sales to the last report, in minor units: every number is whole."""

from deploy.ops.reconcile.equations.shape import Equation, Side, Way

_TO_MARKETING = Way("sales", "sales.deals", "marketing")
_REPUBLISH = "leadloop outbox republish sales sales.deals {key}"
_CLOSING = "fact IN ('won', 'lost', 'disqualified', 'amended', 'refunded', 'reopened')"

DEALS = Equation(
    name="deals",
    claim="Marketing's copy of every deal has the version and the amounts sales has",
    left=Side(
        "sales",
        "deals",
        "SELECT id::text AS key, concat_ws(' ', version, state, CASE WHEN state = 'won' THEN concat_ws(' ', "
        "amount_minor - refunded_minor, currency, reporting_minor, reporting_currency, closed_on) END) "
        "AS value FROM deals",
    ),
    right=Side(
        "marketing",
        "copies in marketing",
        "SELECT deal_id::text AS key, concat_ws(' ', version, coalesce(outcome, 'open'), CASE WHEN outcome = "
        "'won' THEN concat_ws(' ', amount_minor, currency, reporting_amount_minor, reporting_currency, "
        "closed_on) END) AS value FROM deals",
    ),
    remedy=_REPUBLISH,
    way=_TO_MARKETING,
)

CLOSINGS = Equation(
    name="closings",
    claim="Every closing and every correction of a deal has one credit set",
    left=Side(
        "sales",
        "closings and corrections",
        "SELECT deal_id || '/' || version AS key, CASE WHEN fact IN ('won', 'lost', 'disqualified') "
        f"THEN 'closed' ELSE fact END AS value FROM deal_history WHERE {_CLOSING}",
    ),
    right=Side(
        "marketing",
        "credit sets",
        "SELECT deal_id || '/' || revision AS key, cause AS value FROM credit_sets",
    ),
    remedy=_REPUBLISH,
    way=_TO_MARKETING,
)

CLOSED_LEADS = Equation(
    name="closed_leads",
    claim="Handoff knows the last closing, correction or change of owner of every deal that came from a lead",
    left=Side(
        "sales",
        "last closings",
        "SELECT DISTINCT ON (h.deal_id) h.deal_id::text AS key, "
        "h.version || ' ' || CASE WHEN h.to_state = 'open' THEN 'open' ELSE 'closed' END AS value "
        "FROM deal_history h JOIN deals d ON d.id = h.deal_id WHERE d.lead_id IS NOT NULL "
        f"AND (h.{_CLOSING} OR h.fact = 'owner_changed') "
        "ORDER BY h.deal_id, h.version DESC",
    ),
    right=Side(
        "handoff",
        "the same in handoff",
        "SELECT deal_id::text AS key, version || ' ' || CASE WHEN open THEN 'open' ELSE 'closed' END "
        "AS value FROM deals",
    ),
    remedy=_REPUBLISH,
    way=Way("sales", "sales.deals", "handoff"),
)

# One line per deal: what it earns, against its credits under every model. Models that agree are one number.
CREDITS = Equation(
    name="credits",
    claim="Credits add up to what a deal earns, in both currencies, and to one deal, under each model",
    left=Side(
        "marketing",
        "what deals earn",
        "SELECT deal_id::text AS key, amount_minor || ' ' || currency || ', ' || reporting_amount_minor "
        "|| ' ' || reporting_currency || ', 1000000 ppm of a deal' AS value FROM deals WHERE outcome = 'won'",
    ),
    right=Side(
        "marketing",
        "their credits",
        """
WITH split AS (
    SELECT c.deal_id, s.currency, s.reporting_currency, m.model,
           sum(c.amounts[m.place])::bigint AS amount, sum(c.reporting_amounts[m.place])::bigint AS reporting,
           sum(c.deals_ppm[m.place])::bigint AS deals
    FROM credits c JOIN credit_sets s USING (deal_id, revision),
         unnest(s.models) WITH ORDINALITY AS m(model, place)
    GROUP BY 1, 2, 3, 4
), spread AS (
    SELECT deal_id, currency, reporting_currency, min(amount) AS least, max(amount) AS most,
           min(reporting) AS least_reporting, max(reporting) AS most_reporting,
           min(deals) AS least_deals, max(deals) AS most_deals
    FROM split GROUP BY 1, 2, 3
)
SELECT deal_id::text AS key,
       CASE WHEN least = most THEN least::text ELSE least || '..' || most END || ' ' || currency || ', ' ||
       CASE WHEN least_reporting = most_reporting THEN least_reporting::text
            ELSE least_reporting || '..' || most_reporting END || ' ' || reporting_currency || ', ' ||
       CASE WHEN least_deals = most_deals THEN least_deals::text
            ELSE least_deals || '..' || most_deals END || ' ppm of a deal' AS value
FROM spread
WHERE (least, most, least_reporting, most_reporting, least_deals, most_deals) <> (0, 0, 0, 0, 0, 0)""",
    ),
    remedy="the ledger was changed by hand; see docs/reconcile.md#credits",
)

SETS = Equation(
    name="credit_sets",
    claim="The change a credit set states is the sum of its credits",
    left=Side(
        "marketing",
        "changes stated",
        "SELECT deal_id || '/' || revision AS key, amount_delta || ' ' || reporting_delta AS value "
        "FROM credit_sets WHERE amount_delta <> 0 OR reporting_delta <> 0",
    ),
    right=Side(
        "marketing",
        "sums of credits",
        "SELECT deal_id || '/' || revision AS key, sum(amounts[1]) || ' ' || sum(reporting_amounts[1]) AS "
        "value FROM credits GROUP BY deal_id, revision "
        "HAVING sum(amounts[1]) <> 0 OR sum(reporting_amounts[1]) <> 0",
    ),
    remedy="the ledger was changed by hand; see docs/reconcile.md#credits",
)

ROLLUPS = Equation(
    name="campaign_days",
    claim="The sums the reports read are the sums of the credits, by campaign, currency, model and day",
    left=Side(
        "marketing",
        "sums kept",
        "SELECT concat_ws(' ', campaign_id, nullif(channel, ''), bucket, currency, model, basis, day) "
        "AS key, revenue_minor || ' ' || deals_ppm AS value FROM campaign_days "
        "WHERE revenue_minor <> 0 OR deals_ppm <> 0",
    ),
    right=Side(
        "marketing",
        "credits summed",
        """
WITH found AS (
    SELECT b.basis, b.day, c.campaign_id, c.channel, c.bucket, s.reporting_currency AS currency, m.model,
           sum(c.reporting_amounts[m.place])::bigint AS revenue, sum(c.deals_ppm[m.place])::bigint AS deals
    FROM credits c JOIN credit_sets s USING (deal_id, revision),
         unnest(s.models) WITH ORDINALITY AS m(model, place),
         LATERAL (VALUES ('closed', c.closed_on), ('touched', c.touched_on)) AS b(basis, day)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT concat_ws(' ', coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), nullif(channel, ''),
                 bucket, currency, model, basis, day) AS key, revenue || ' ' || deals AS value
FROM found WHERE revenue <> 0 OR deals <> 0""",
    ),
    remedy="the reports are wrong for that day; see docs/reconcile.md#campaign_days",
)

MONTHS = Equation(
    name="campaign_months",
    claim="The sums by month that long reports read are the sums of their days",
    left=Side(
        "marketing",
        "months kept",
        "SELECT concat_ws(' ', campaign_id, nullif(channel, ''), bucket, currency, model, basis, month) "
        "AS key, revenue_minor || ' ' || deals_ppm AS value FROM campaign_months "
        "WHERE revenue_minor <> 0 OR deals_ppm <> 0",
    ),
    right=Side(
        "marketing",
        "days summed",
        "SELECT concat_ws(' ', campaign_id, nullif(channel, ''), bucket, currency, model, basis, "
        "date_trunc('month', day::timestamp)::date) AS key, "
        "sum(revenue_minor) || ' ' || sum(deals_ppm) AS value FROM campaign_days "
        "GROUP BY campaign_id, channel, bucket, currency, model, basis, date_trunc('month', day::timestamp) "
        "HAVING sum(revenue_minor) <> 0 OR sum(deals_ppm) <> 0",
    ),
    remedy="the reports are wrong for that month; see docs/reconcile.md#campaign_days",
)

DEAL_DAYS = Equation(
    name="deal_days",
    claim="The won deals a report is held against are the deals there are, by currency and day of the close",
    left=Side(
        "marketing",
        "sums kept",
        "SELECT currency || ' ' || day AS key, deals || ' ' || amount_minor AS value FROM deal_days "
        "WHERE deals <> 0 OR amount_minor <> 0",
    ),
    right=Side(
        "marketing",
        "won deals summed",
        "SELECT reporting_currency || ' ' || closed_on AS key, "
        "count(*) || ' ' || sum(reporting_amount_minor) AS value FROM deals "
        "WHERE outcome = 'won' GROUP BY reporting_currency, closed_on",
    ),
    remedy="the check of the reports is wrong for that day; see docs/reconcile.md#lead_days",
)

REVENUE = Equation(
    name="revenue",
    claim="What sales has won is what marketing's reports show, by currency and under each model",
    left=Side(
        "sales",
        "won in sales",
        "SELECT reporting_currency AS key, sum(reporting_minor)::text AS value FROM deals "
        "WHERE state = 'won' GROUP BY 1 HAVING sum(reporting_minor) <> 0",
    ),
    right=Side(
        "marketing",
        "revenue in reports",
        "SELECT currency AS key, CASE WHEN min(total) = max(total) THEN min(total)::text "
        "ELSE min(total) || '..' || max(total) END AS value FROM (SELECT currency, model, "
        "sum(revenue_minor) AS total FROM campaign_days WHERE basis = 'closed' GROUP BY 1, 2) t "
        "GROUP BY 1 HAVING min(total) <> 0 OR max(total) <> 0",
    ),
    remedy="see the lines `deals`, `closings`, `credits` and `campaign_days`: one of them names the deal",
)

RATES = Equation(
    name="rates",
    claim="Marketing converts what campaigns cost with the rates that sales has set",
    left=Side(
        "sales",
        "newest rates",
        "SELECT DISTINCT ON (base, quote, valid_on) base || ':' || quote || '/' || valid_on AS key, "
        "seq || ' ' || trim_scale(rate) AS value FROM exchange_rates "
        "ORDER BY base, quote, valid_on, seq DESC",
    ),
    right=Side(
        "marketing",
        "copies in marketing",
        "SELECT base || ':' || quote || '/' || valid_on AS key, version || ' ' || trim_scale(rate) AS value "
        "FROM exchange_rates",
    ),
    remedy="leadloop outbox republish sales sales.rates {key}",
    way=Way("sales", "sales.rates", "marketing"),
)

EQUATIONS = (
    DEALS,
    CLOSINGS,
    CLOSED_LEADS,
    CREDITS,
    SETS,
    ROLLUPS,
    MONTHS,
    DEAL_DAYS,
    REVENUE,
    RATES,
)
