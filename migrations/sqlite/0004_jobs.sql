-- `due_at` is when the job may be taken: while queued, the time it waits for; while running, the time its lease
-- ends; NULL once it is over.
CREATE TABLE jobs (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    kind VARCHAR(64) NOT NULL,
    payload TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    owner VARCHAR(255),
    error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (due_at, id);
