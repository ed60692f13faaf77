-- What sending a campaign has to remember from one run to the next.

-- When everybody it goes to had a row in campaign_recipients; until then they are still being gathered.
ALTER TABLE campaigns ADD COLUMN gathered_at timestamptz;

-- How often it was tried: a mailbox that is full now may not be later, but not for ever.
ALTER TABLE campaign_recipients ADD COLUMN attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0);
