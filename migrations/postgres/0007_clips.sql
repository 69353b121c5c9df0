-- Who may cut clips from a channel: `everyone`, `signed_in` or `owner`.
ALTER TABLE channels ADD COLUMN clips VARCHAR(32) NOT NULL DEFAULT 'signed_in';

-- Clips, asked for and made. `start_ms` and `end_ms` are what was asked, on the wall clock. `job_id` and `attempt` are the
-- job, and its lease, that has a say in what becomes of the clip; `progress` is in thousandths.
CREATE TABLE clips (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    account_id VARCHAR(64) REFERENCES accounts (id) ON DELETE SET NULL,
    title VARCHAR(255),
    title_folded VARCHAR(255),
    mode VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    actual_start_ms BIGINT,
    duration_ms BIGINT,
    bytes BIGINT,
    width BIGINT,
    height BIGINT,
    frame_rate_milli BIGINT,
    progress BIGINT NOT NULL,
    reason VARCHAR(32),
    job_id VARCHAR(64) NOT NULL,
    attempt BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ready_at BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX clips_channel ON clips (channel_id, id);
CREATE INDEX clips_account ON clips (account_id, id);
CREATE INDEX clips_state ON clips (state, channel_id);
