using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres;

/// <summary>What every part of one open store shares.</summary>
internal sealed record PostgresContext(
    PostgresStoreOptions Options, PostgresDatabase Database, PostgresCondition Condition, FaultPoint Fault, TimeProvider Time, ILogger Logger);
