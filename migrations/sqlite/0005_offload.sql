-- Where a segment's bytes are: on disk only, both on disk and in the object store, in the store only, or lost. `checksum`
-- is what the store was seen to have. The index answers sums as well.
ALTER TABLE segments ADD COLUMN place VARCHAR(16) NOT NULL DEFAULT 'disk';
ALTER TABLE segments ADD COLUMN checksum VARCHAR(64);
ALTER TABLE segments ADD COLUMN stored_at BIGINT;
ALTER TABLE segments ADD COLUMN evicted_at BIGINT;
CREATE INDEX segments_place ON segments (place, started_at, bytes);

-- What each uploader last said of its disk and its work; counts are since it started.
CREATE TABLE storage_reports (
    node VARCHAR(255) NOT NULL PRIMARY KEY,
    store VARCHAR(255) NOT NULL,
    state VARCHAR(32) NOT NULL,
    problem TEXT,
    started_at BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    disk_total_bytes BIGINT NOT NULL,
    disk_free_bytes BIGINT NOT NULL,
    disk_high_percent BIGINT NOT NULL,
    disk_low_percent BIGINT NOT NULL,
    stored_segments BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    failed_attempts BIGINT NOT NULL,
    evicted_segments BIGINT NOT NULL,
    evicted_bytes BIGINT NOT NULL,
    lost_segments BIGINT NOT NULL
);
