-- Messages of busy customers, so that a repeat changes nothing. slot is the day on which a message is forgotten, of four in turn, or 4 for those that
-- never are: what was forgotten goes with a whole partition, and its rows mean nothing until then.
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
