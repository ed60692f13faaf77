-- What the database spent its time on, for operators: pg_stat_statements, which an administrator has to create and the owner may read
-- in full only with pg_read_all_stats (StatementStatistics.cs does both where it can). Wherever it is missing, the answer says so.

-- Statements of this database, the most costly first, 50 at most. One row with available = false when nothing keeps count.
-- No literal gets out: constants are $1 already, but text can be kept as sent when its entry was dropped while it ran, and commands are
-- kept as sent. So only queries are shown, without comments, and cut where a quoted string begins. Reads statistics only, no index.
CREATE FUNCTION operator_slow_queries(p_operator uuid, p_limit integer, p_now timestamptz)
    RETURNS TABLE (
        available boolean, query_id text, query text, calls bigint, total_ms double precision, mean_ms double precision,
        max_ms double precision, row_count bigint, blocks_hit bigint, blocks_read bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    home text := (
        SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_stat_statements');
BEGIN
    CALL operator_note(p_operator, 'queries.list', NULL, NULL, p_now);
    IF home IS NOT NULL AND pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
        BEGIN
            RETURN QUERY EXECUTE format(
                $sql$
                SELECT true, s.queryid::text,
                       left(regexp_replace(ltrim(regexp_replace(s.text, $2, '', 'g'), E' \t\r\n'), $4, '…'), 2000),
                       s.calls, s.total, s.total / s.calls, s.longest, s.rows, s.hit, s.read
                FROM (
                    SELECT queryid, min(query) AS text, sum(calls)::bigint AS calls, sum(total_exec_time) AS total,
                           max(max_exec_time) AS longest, sum(rows)::bigint AS rows,
                           sum(shared_blks_hit)::bigint AS hit, sum(shared_blks_read)::bigint AS read
                    FROM %s.pg_stat_statements
                    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND calls > 0 AND query ~* $3
                    GROUP BY queryid
                    ORDER BY total DESC, queryid
                    LIMIT LEAST(GREATEST($1, 1), 50)) AS s
                ORDER BY s.total DESC, s.queryid
                $sql$, home)
                USING p_limit,
                      '--[^\n]*|/\*([^*]|\*+[^*/])*\*+/',
                      '^([\s(]|--[^\n]*(\n|$)|/\*([^*]|\*+[^*/])*\*+/)*(SELECT|INSERT|UPDATE|DELETE|WITH|CALL|MERGE)\M',
                      '(''|\$([A-Za-z_]\w*)?\$).*$';
            RETURN;
        EXCEPTION
            -- Not loaded at the server's start; or of a release with other columns, or closed to the owner.
            WHEN object_not_in_prerequisite_state OR undefined_column OR undefined_table OR insufficient_privilege THEN NULL;
        END;
    END IF;
    RETURN QUERY SELECT
        false, NULL::text, NULL::text, NULL::bigint, NULL::double precision, NULL::double precision, NULL::double precision,
        NULL::bigint, NULL::bigint, NULL::bigint;
END $$;

REVOKE ALL ON FUNCTION operator_slow_queries(uuid, integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operator_slow_queries(uuid, integer, timestamptz) TO platform_app;
