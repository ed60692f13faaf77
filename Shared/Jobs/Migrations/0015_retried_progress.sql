-- A job that is brought back begins without the progress of its last run; row-level security keeps it to the tenant's own.
GRANT DELETE ON jobs.progress TO platform_app;
