-- By which values of the indexed traits customers are found. All three are UTF-8 bytes, like ids.
CREATE TABLE traits(
    trait bytea NOT NULL,
    value bytea NOT NULL,
    customer_id bytea NOT NULL,
    PRIMARY KEY(trait, value, customer_id)
);
