-- Dead and live rows of the hot table, by the server's statistics. Index: none.
SELECT t.n_dead_tup, greatest(t.n_live_tup, c.reltuples::bigint, 0), EXISTS (
    SELECT FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND NOT i.indisvalid AND n.relname ~ '_cc(new|old)[0-9]*$')
FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid
WHERE t.relid = 'jobs.pending'::regclass
