-- Message ids of busy customers, for de-duplication. slot is the day of expiry modulo four, or 4 for those that never
-- expire: expired rows are removed with their whole partition and have no effect until then.
CREATE TABLE messages(
    customer_id bytea NOT NULL,
    key bigint NOT NULL,
    slot smallint NOT NULL,
    until_minutes int NOT NULL,
    PRIMARY KEY(customer_id, key, slot)
) PARTITION BY LIST (slot);

CREATE TABLE messages_0 PARTITION OF messages FOR VALUES IN (0);
CREATE TABLE messages_1 PARTITION OF messages FOR VALUES IN (1);
CREATE TABLE messages_2 PARTITION OF messages FOR VALUES IN (2);
CREATE TABLE messages_3 PARTITION OF messages FOR VALUES IN (3);
CREATE TABLE messages_forever PARTITION OF messages FOR VALUES IN (4);

-- The newest day for which an old partition was emptied.
ALTER TABLE store_settings ADD messages_day int NOT NULL DEFAULT 0;
