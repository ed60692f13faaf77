-- Becomes the leader, or stays it: $1 who, $2 name, $3 for how long. No row, and nothing written, while another one leads.
-- Index: none, the table has one row.
UPDATE jobs.leader
SET holder = $1, name = $2, expires_at = clock_timestamp() + $3,
    since = CASE WHEN holder = $1 AND expires_at > clock_timestamp() THEN since ELSE clock_timestamp() END
WHERE holder = $1 OR expires_at < clock_timestamp()
RETURNING since
