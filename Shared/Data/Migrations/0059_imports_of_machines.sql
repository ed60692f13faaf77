-- A machine with an API key may import, too: then the key stands where a person does. No foreign key: keys are in the common
-- database even when the tenant has one of its own, and an import outlives the key that brought it.
ALTER TABLE imports
    ALTER COLUMN created_by DROP NOT NULL,
    ADD COLUMN created_by_key uuid,
    ADD CONSTRAINT imports_creator CHECK (num_nonnulls(created_by, created_by_key) = 1);
