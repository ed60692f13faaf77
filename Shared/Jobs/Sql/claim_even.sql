-- Part of claim.sql: the same share for everybody, the first ones one place more.
        SELECT tenant_id, room,
            w.places / count(*) OVER () + CASE WHEN row_number() OVER () <= w.places % count(*) OVER () THEN 1 ELSE 0 END AS share,
            NULL::int AS due
        FROM tenants
