-- Renews a worker's lease; no row when it has run out, for then its jobs belong to others. Index: workers_pkey.
UPDATE jobs.workers SET expires_at = clock_timestamp() + $2, heartbeat_at = clock_timestamp() WHERE id = $1 AND expires_at > clock_timestamp() RETURNING id
