-- Part of claim.sql: a turn is as many places as the tenant's weight, one unless it is set. Whoever's turn is cut short by the end of the
-- places goes on with it first in the next claim and is then the last in line; everybody has a turn before anybody has another.
-- "due", of the tenant the round ended at, is what is left of its turn. Index: tenant_weights_pkey.
        SELECT tenant_id, room, credit + weight * (free / total) + greatest(0, least(weight, free % total - before)) AS share,
            CASE WHEN free % total > before AND free % total <= before + weight THEN before + weight - free % total
                WHEN free % total = 0 AND before + weight = total THEN CASE WHEN credit > 0 THEN w.rest - credit ELSE 0 END END::int AS due
        FROM (
            SELECT tenant_id, room, weight, credit, sum(weight) OVER () AS total, w.places - sum(credit) OVER () AS free,
                sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight
                    + CASE WHEN credit > 0 THEN sum(weight) OVER () - weight ELSE -coalesce(sum(weight) FILTER (WHERE credit > 0) OVER (), 0) END AS before
            FROM (
                SELECT tenant_id, room, coalesce((SELECT z.weight FROM jobs.tenant_weights z WHERE z.tenant_id = tenants.tenant_id), 1)::int AS weight,
                    CASE WHEN tenant_id = w.turn THEN least(w.rest, w.places) ELSE 0 END AS credit
                FROM tenants
            ) waiting
        ) turns
