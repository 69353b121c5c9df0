-- The pictures that workers/thumbnailer makes. Each is an object, which is never changed; it is NULL where no picture can be
-- had. `taken_at` is the wall clock of what it shows, `msn` the number of its segment; `made_at` tells versions apart.

-- What a channel that is live is shown by.
CREATE TABLE live_thumbnails (
    channel_id VARCHAR(64) NOT NULL PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
    object VARCHAR(255) NOT NULL,
    taken_at BIGINT NOT NULL,
    msn BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);

-- What a show is shown by, which begins with the segment `first_msn`.
CREATE TABLE show_posters (
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    first_msn BIGINT NOT NULL,
    object VARCHAR(255),
    taken_at BIGINT NOT NULL,
    msn BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, first_msn)
);

-- Five minutes of a channel in small pictures. `tiles` is the JSON list of their moments, in the order in which they lie on
-- the sheet. `first_msn` and `last_msn` are of the segments that it was made from: one beyond them makes it incomplete.
CREATE TABLE storyboard_sheets (
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    object VARCHAR(255),
    tiles TEXT NOT NULL,
    first_msn BIGINT NOT NULL,
    last_msn BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, started_at)
);

-- Objects that are no row's picture: not yet, or no longer. They are removed when they are due.
CREATE TABLE thumbnail_waste (
    object VARCHAR(255) NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL
);
CREATE INDEX thumbnail_waste_due ON thumbnail_waste (due_at);
