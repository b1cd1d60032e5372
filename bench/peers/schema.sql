-- The tables of both database peers, as a team would write them on the first day.
CREATE TABLE accounts (
    id bigint PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    name text NOT NULL,
    users_total bigint NOT NULL DEFAULT 0
);
CREATE TABLE domains (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    public_id text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TABLE templates (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    public_id text NOT NULL UNIQUE,
    name text NOT NULL,
    description text,
    type text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE users (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    public_id text NOT NULL UNIQUE,
    avatar text,
    email text NOT NULL,
    last_name text NOT NULL,
    name text NOT NULL,
    two_factor boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    role text NOT NULL,
    permissions text[] NOT NULL,
    UNIQUE (account_id, email)
);
CREATE TABLE user_domains (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    domain_id bigint NOT NULL REFERENCES domains ON DELETE CASCADE,
    PRIMARY KEY (user_id, domain_id)
);
CREATE TABLE user_templates (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    template_id bigint NOT NULL REFERENCES templates ON DELETE CASCADE,
    PRIMARY KEY (user_id, template_id)
);
CREATE TABLE tokens (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    sha256 bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    status text NOT NULL
);
CREATE INDEX users_in_order ON users (account_id, id);
CREATE INDEX domains_in_order ON domains (account_id, id);
CREATE INDEX templates_in_order ON templates (account_id, id);

-- The total a team keeps once counting on every request has become too slow.
CREATE FUNCTION keep_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET users_total = users_total + CASE TG_OP WHEN 'INSERT' THEN n ELSE -n END
    FROM (SELECT account_id, count(*) AS n FROM changed GROUP BY account_id) AS counted
    WHERE accounts.id = counted.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER users_added AFTER INSERT ON users
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_total();
CREATE TRIGGER users_removed AFTER DELETE ON users
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_total();
