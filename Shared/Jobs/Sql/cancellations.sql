-- Which of the given jobs somebody wants cancelled. Index: cancellations_pkey; the table is all but empty.
SELECT job_id FROM jobs.cancellations WHERE job_id = ANY ($1)
