-- Tables and statements for Orleans' AdoNet providers of membership and reminders. The providers read their statements from orleansquery and use
-- fixed parameter and column names; the tables are our own.
CREATE TABLE orleansquery(
    querykey text PRIMARY KEY,
    querytext text NOT NULL
);

CREATE TABLE cluster_versions(
    cluster_id text PRIMARY KEY,
    version int NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cluster_silos(
    cluster_id text NOT NULL REFERENCES cluster_versions,
    address text NOT NULL,
    port int NOT NULL,
    generation int NOT NULL,
    silo_name text NOT NULL,
    host_name text NOT NULL,
    status int NOT NULL,
    gateway_port int NOT NULL,
    suspicions text,
    started_at timestamptz NOT NULL,
    alive_at timestamptz NOT NULL,
    PRIMARY KEY(cluster_id, address, port, generation)
);

CREATE TABLE cluster_reminders(
    service_id text NOT NULL,
    grain_id text NOT NULL,
    reminder_name text NOT NULL,
    grain_hash int NOT NULL,
    starts_at timestamptz NOT NULL,
    period_milliseconds bigint NOT NULL,
    version int NOT NULL,
    PRIMARY KEY(service_id, grain_id, reminder_name)
);

INSERT INTO orleansquery VALUES
('InsertMembershipVersionKey', $$
    WITH made AS (INSERT INTO cluster_versions(cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::int FROM made
$$),
-- A silo is inserted or updated only if the version is the one that its writer read; locking the version's row serializes writers.
('InsertMembershipKey', $$
    WITH turn AS (
        UPDATE cluster_versions SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT 1 FROM cluster_silos s
            WHERE s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
        RETURNING cluster_id),
    made AS (
        INSERT INTO cluster_silos
        SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, NULL, @StartTime, @IAmAliveTime FROM turn
        RETURNING 1)
    SELECT count(*)::int FROM made
$$),
('UpdateMembershipKey', $$
    WITH turn AS (
        UPDATE cluster_versions SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (
            SELECT 1 FROM cluster_silos s
            WHERE s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
        RETURNING cluster_id),
    changed AS (
        UPDATE cluster_silos s SET status = @Status, suspicions = @SuspectTimes::text, alive_at = @IAmAliveTime
        FROM turn WHERE s.cluster_id = turn.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
        RETURNING 1)
    SELECT count(*)::int FROM changed
$$),
('UpdateIAmAlivetimeKey', $$
    UPDATE cluster_silos SET alive_at = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$$),
-- Returns the version also when there is no silo.
('MembershipReadAllKey', $$
    SELECT v.cluster_id AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime,
        s.alive_at AS IAmAliveTime, v.version AS Version
    FROM cluster_versions v LEFT JOIN cluster_silos s USING (cluster_id)
    WHERE v.cluster_id = @DeploymentId
$$),
('MembershipReadRowKey', $$
    SELECT v.cluster_id AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime,
        s.alive_at AS IAmAliveTime, v.version AS Version
    FROM cluster_versions v LEFT JOIN cluster_silos s
        ON s.cluster_id = v.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE v.cluster_id = @DeploymentId
$$),
('GatewaysQueryKey', $$
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation FROM cluster_silos
    WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$$),
('DeleteMembershipTableEntriesKey', $$
    WITH gone AS (DELETE FROM cluster_silos WHERE cluster_id = @DeploymentId)
    UPDATE cluster_versions SET version = version + 1, changed_at = now() WHERE cluster_id = @DeploymentId
$$),
-- 3 is the status of an active silo.
('CleanupDefunctSiloEntriesKey', $$
    DELETE FROM cluster_silos WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$$),
('UpsertReminderRowKey', $$
    INSERT INTO cluster_reminders AS r VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 0)
    ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE
    SET grain_hash = excluded.grain_hash, starts_at = excluded.starts_at, period_milliseconds = excluded.period_milliseconds, version = r.version + 1
    RETURNING version AS Version
$$),
('ReadReminderRowsKey', $$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, starts_at AS StartTime, period_milliseconds AS Period, version AS Version
    FROM cluster_reminders WHERE service_id = @ServiceId AND grain_id = @GrainId
$$),
('ReadReminderRowKey', $$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, starts_at AS StartTime, period_milliseconds AS Period, version AS Version
    FROM cluster_reminders WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName
$$),
('ReadRangeRows1Key', $$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, starts_at AS StartTime, period_milliseconds AS Period, version AS Version
    FROM cluster_reminders WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$$),
('ReadRangeRows2Key', $$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, starts_at AS StartTime, period_milliseconds AS Period, version AS Version
    FROM cluster_reminders WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$$),
('DeleteReminderRowKey', $$
    WITH gone AS (
        DELETE FROM cluster_reminders
        WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version
        RETURNING 1)
    SELECT count(*)::int FROM gone
$$),
('DeleteReminderRowsKey', $$
    DELETE FROM cluster_reminders WHERE service_id = @ServiceId
$$);
