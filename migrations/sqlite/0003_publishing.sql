-- `live_channel_id` is the channel's id while the session is live and NULL afterwards: being unique, it lets
-- one session a channel be live.
CREATE TABLE publish_sessions (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    live_channel_id VARCHAR(64),
    stream_key_id VARCHAR(64) NOT NULL REFERENCES stream_keys (id) ON DELETE CASCADE,
    state VARCHAR(32) NOT NULL,
    reason VARCHAR(32),
    instance VARCHAR(255) NOT NULL,
    client_id VARCHAR(255) NOT NULL,
    address VARCHAR(255) NOT NULL,
    encoder VARCHAR(255) NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    bitrate_bps BIGINT,
    width BIGINT,
    height BIGINT,
    frame_rate_milli BIGINT,
    video_codec VARCHAR(255),
    audio_codec VARCHAR(255),
    keyframe_interval_ms BIGINT,
    media_at BIGINT,
    CONSTRAINT publish_sessions_one_live UNIQUE (live_channel_id)
);
CREATE INDEX publish_sessions_state ON publish_sessions (state, id);
CREATE INDEX publish_sessions_channel ON publish_sessions (channel_id, id);
CREATE INDEX publish_sessions_newest ON publish_sessions (channel_id, state, ended_at, id);
CREATE INDEX publish_sessions_key ON publish_sessions (stream_key_id);

-- `msn` is the media sequence number: it grows by one a segment for as long as the channel lives. A session that
-- is gone would leave its segments, so that the numbers have no holes.
CREATE TABLE segments (
    channel_id VARCHAR(64) NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    msn BIGINT NOT NULL,
    session_id VARCHAR(64) NOT NULL,
    seq BIGINT NOT NULL,
    name VARCHAR(64) NOT NULL,
    started_at BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    discontinuity SMALLINT NOT NULL,
    discontinuity_seq BIGINT NOT NULL,
    target_s BIGINT NOT NULL,
    starts_show SMALLINT NOT NULL,
    PRIMARY KEY (channel_id, msn),
    CONSTRAINT segments_seq UNIQUE (session_id, seq)
);
CREATE INDEX segments_age ON segments (started_at);
