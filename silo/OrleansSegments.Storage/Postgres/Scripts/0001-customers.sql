-- Ids are UTF-8 bytes: byte order independent of the database's collation, and any character is allowed.
CREATE TABLE customers(
    customer_id bytea PRIMARY KEY,
    version bigint NOT NULL,
    segment_id int NOT NULL,
    model_version int NOT NULL,
    segment_since bigint NOT NULL,
    settled_segment_id int NOT NULL,
    settled_hour int NOT NULL,
    due_at bigint,
    -- At most due_at, and only lowered by commits: a change that moves a deadline later updates no index.
    listed_due_at bigint,
    state bytea NOT NULL
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2);

-- States do not compress, so compression would only cost time.
ALTER TABLE customers ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE INDEX customers_by_segment ON customers(segment_id, customer_id);
CREATE INDEX customers_by_listed_deadline ON customers(listed_due_at) WHERE listed_due_at IS NOT NULL;

-- sequence is (sequence_base + transaction id) * 65536 + ordinal within the commit.
CREATE TABLE transitions(
    sequence bigint PRIMARY KEY,
    customer_id bytea NOT NULL,
    from_segment_id int,
    to_segment_id int NOT NULL,
    cause smallint NOT NULL,
    model_version int NOT NULL,
    occurred_at bigint NOT NULL
);

CREATE INDEX transitions_by_customer ON transitions(customer_id, sequence DESC);

-- A size is the sum over all slots; each writer has its own slot, so that no two wait for the same row.
CREATE TABLE segment_totals(
    slot int NOT NULL,
    segment_id int NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY(slot, segment_id)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- The latest time of any change, by writer.
CREATE TABLE writer_clocks(
    slot int PRIMARY KEY,
    latest_occurred_at bigint NOT NULL
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE documents(
    kind bytea NOT NULL,
    key bytea NOT NULL,
    version bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY(kind, key)
);

-- One row.
CREATE TABLE store_settings(
    sequence_base bigint NOT NULL
);

INSERT INTO store_settings VALUES (0);
