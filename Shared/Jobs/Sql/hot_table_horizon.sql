-- Who keeps the oldest row versions of this database from being cleaned away: sessions by their snapshot or transaction, prepared
-- transactions, replication slots. Sessions of vacuum count for nothing. The time is null where this role may not see it.
-- Index: none, statistics of the server.
SELECT h.holder, h.xmin::text, age(h.xmin) AS age, h.seconds
FROM (
    SELECT 'process ' || a.pid AS holder, x.xmin, extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds
    FROM pg_stat_activity a CROSS JOIN LATERAL (VALUES (a.backend_xmin), (a.backend_xid)) AS x (xmin)
    WHERE a.pid <> pg_backend_pid() AND (a.datname = current_database() OR a.datname IS NULL)
        AND a.pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum v)
    UNION ALL
    SELECT 'prepared transaction ' || p.gid, p.transaction, extract(epoch FROM clock_timestamp() - p.prepared)::float8
    FROM pg_prepared_xacts p WHERE p.database = current_database()
    UNION ALL
    SELECT 'replication slot ' || r.slot_name, r.xmin, NULL FROM pg_replication_slots r
) h
WHERE h.xmin IS NOT NULL AND age(h.xmin) > 0
ORDER BY age DESC LIMIT 50
