-- `due_at` is when the job may be taken: while queued, the time it waits for; while running, the time its lease
-- ends; NULL once it is over.
CREATE TABLE jobs (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    kind VARCHAR(64) NOT NULL,
    payload MEDIUMTEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    owner VARCHAR(255),
    error MEDIUMTEXT,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX jobs_due ON jobs (due_at, id);
