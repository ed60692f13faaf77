-- Schedules that the leader's code doesn't declare ($2 names what it does) make no runs, and are forgotten after a month: until
-- then a leader of the version before, or of the one after, finds them as they were. Index: schedules_name.
WITH gone AS (
    DELETE FROM jobs.schedules
    WHERE tenant_id = $1 AND name <> ALL ($2) AND declared_at < clock_timestamp() - interval '30 days'
)
UPDATE jobs.schedules SET next_due = NULL
WHERE tenant_id = $1 AND name <> ALL ($2) AND declared_at >= clock_timestamp() - interval '30 days' AND next_due IS NOT NULL
