-- Who may rewind a channel: `everyone`, `signed_in` or `nobody`; and how far, where not as far as on the whole site.
ALTER TABLE channels ADD COLUMN dvr VARCHAR(32) NOT NULL DEFAULT 'everyone';
ALTER TABLE channels ADD COLUMN dvr_window_hours BIGINT;

-- The shows of a channel, and what its owner said of them. A show is the run of segments from one that starts a show to
-- the next, and is known by its first one's number for as long as anything of it is left. `last_msn` is NULL for the
-- newest show, which may go on. Between `deleted_at` and the removal of its segments a show is listed nowhere.
CREATE TABLE recordings (
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    first_msn BIGINT NOT NULL,
    last_msn BIGINT,
    started_at BIGINT NOT NULL,
    title VARCHAR(255),
    kept_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (channel_id, first_msn)
);
