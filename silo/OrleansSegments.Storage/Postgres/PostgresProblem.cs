using System.Net.Sockets;
using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Describes a database failure: what, where, and the cure.</summary>
internal static class PostgresProblem
{
    /// <summary>
    /// True when the failure comes from the database: neither a bug nor an already described failure. Sessions are not shared between
    /// threads, so an ObjectDisposedException means that the driver disposed of its connection when it broke.
    /// </summary>
    public static bool IsExpected(Exception failure) =>
        failure is (NpgsqlException or IOException or SocketException or TimeoutException or ObjectDisposedException) and not StoreException;

    /// <summary>True when the server rolled back because of concurrent transactions; an immediate retry may succeed.</summary>
    public static bool IsCollision(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>True when the connection was lost for a reason other than a timeout.</summary>
    public static bool IsConnectionLost(Exception failure) => failure switch
    {
        PostgresException server => server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or "57P05" or "25P03",
        NpgsqlException client => client.InnerException is IOException or SocketException && !IsTimeout(client),
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>
    /// True when the session is read-only. It stays so even when the server no longer is, because the setting is read at connection.
    /// </summary>
    public static bool IsReadOnlySession(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    public static string Explain(Exception failure, string where, TimeSpan commandTimeout)
    {
        var (what, cure) = failure switch
        {
            PostgresException server => (server.MessageText, CureOf(server)),
            _ when IsTimeout(failure) => (
                $"no answer within {commandTimeout.TotalSeconds:0} s",
                "Look at the server's load, locks and disk."),
            NpgsqlException { InnerException: NpgsqlException inner } => (inner.Message, inner is PostgresException refused ? CureOf(refused) : CureOfConnection),
            NpgsqlException { InnerException: { } inner } => ($"{failure.Message}: {inner.Message}", CureOfConnection),
            ObjectDisposedException => ("the connection broke", CureOfConnection),
            _ => (failure.Message, CureOfConnection),
        };
        return $"PostgreSQL at {where} cannot be used: {what.TrimEnd('.', ' ')}. {cure}";
    }

    private const string CureOfConnection =
        "Check that the server runs, that the network lets this machine reach it, and Host and Port in Store:ConnectionString.";

    private static bool IsTimeout(Exception failure) => failure is TimeoutException || failure.InnerException is TimeoutException;

    private static string CureOf(PostgresException server) => server.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "Free space on the server's disk.",
        PostgresErrorCodes.OutOfMemory => "Give the server more memory or fewer connections.",
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ConfigurationLimitExceeded =>
            "Raise max_connections on the server or lower Store:ConnectionsMax.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Check Username and Password in Store:ConnectionString and the server's pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => "Create the database, or name another one in Store:ConnectionString.",
        PostgresErrorCodes.InsufficientPrivilege =>
            "Let this user own the schema (CREATE SCHEMA ... AUTHORIZATION ...), or give it CREATE on the database and all rights to the schema's tables.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            "The server only reads, as a standby does: name the primary in Store:ConnectionString, or several hosts with Target Session Attributes=primary.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            "The server is stopping or starting: start it if nobody else does.",
        PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject =>
            "The schema holds tables that are not the store's: name another one in Store:Schema.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn =>
            "The schema was dropped or changed: restore it from a copy, or restart the process to create it again.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "The database is damaged: restore it from a copy.",
        _ => $"Look into the server's log (SQLSTATE {server.SqlState}).",
    };
}
