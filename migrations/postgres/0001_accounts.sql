-- `..._folded` is the text in lower case: searches look there, as LOWER differs between databases.
CREATE TABLE accounts (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    email VARCHAR(254) NOT NULL,
    display_name VARCHAR(255) NOT NULL,
    display_name_folded VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    role VARCHAR(32) NOT NULL,
    activated_at BIGINT,
    suspended_at BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT accounts_email UNIQUE (email)
);

-- One row for each login; its id is the `jti` of the token handed out.
CREATE TABLE logins (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    account_id VARCHAR(64) NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX logins_account ON logins (account_id);
CREATE INDEX logins_expiry ON logins (expires_at);

-- Tokens sent by mail, as their SHA-256; the row goes when the token is used.
CREATE TABLE mail_tokens (
    hash VARCHAR(64) NOT NULL PRIMARY KEY,
    account_id VARCHAR(64) NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose VARCHAR(32) NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_tokens_account ON mail_tokens (account_id);
CREATE INDEX mail_tokens_expiry ON mail_tokens (expires_at);
