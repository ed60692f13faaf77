-- What a tenant's own admins may do with their finished jobs; row-level security keeps it to their own.
GRANT UPDATE (state), DELETE ON jobs.finished TO platform_app;
GRANT DELETE ON jobs.blocked_lanes TO platform_app;
