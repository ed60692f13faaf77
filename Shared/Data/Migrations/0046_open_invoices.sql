-- What is still to be paid, however long ago it was issued: few rows of many. Index for the billing analytics.
CREATE INDEX invoices_open_idx ON invoices (tenant_id, currency, due_at) INCLUDE (amount_cents) WHERE status = 'open';
