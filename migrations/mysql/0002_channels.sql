CREATE TABLE channels (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    slug VARCHAR(64) NOT NULL,
    owner_id VARCHAR(64) NOT NULL,
    title VARCHAR(255) NOT NULL,
    title_folded VARCHAR(255) NOT NULL,
    description MEDIUMTEXT NOT NULL,
    access VARCHAR(32) NOT NULL,
    takeover SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT channels_slug UNIQUE (slug),
    CONSTRAINT channels_owner_id_fk FOREIGN KEY (owner_id) REFERENCES accounts (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX channels_owner ON channels (owner_id, id);

CREATE TABLE stream_keys (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    channel_id VARCHAR(64) NOT NULL,
    label VARCHAR(255) NOT NULL,
    key_hash VARCHAR(64) NOT NULL,
    hint VARCHAR(16) NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    CONSTRAINT stream_keys_hash UNIQUE (key_hash),
    CONSTRAINT stream_keys_channel_id_fk FOREIGN KEY (channel_id) REFERENCES channels (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX stream_keys_channel ON stream_keys (channel_id, id);
