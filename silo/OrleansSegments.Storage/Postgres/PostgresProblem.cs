using System.Net.Sockets;
using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Puts a failure of the database into words: what, where, and the cure.</summary>
internal static class PostgresProblem
{
    /// <summary>
    /// Whether this is the database's failure and neither a mistake of ours nor a failure that was put into words already. No session is used
    /// by two threads, so one that meets something disposed met what the driver itself had cleared away when the connection broke.
    /// </summary>
    public static bool IsExpected(Exception failure) =>
        failure is (NpgsqlException or IOException or SocketException or TimeoutException or ObjectDisposedException) and not StoreException;

    /// <summary>The server undid the transaction because of others that ran beside it; the same again may succeed at once.</summary>
    public static bool IsCollision(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>The connection is gone, and not because the server took too long.</summary>
    public static bool IsConnectionLost(Exception failure) => failure switch
    {
        PostgresException server => server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or "57P05" or "25P03",
        NpgsqlException client => client.InnerException is IOException or SocketException && !IsTimeout(client),
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>The session only reads, and goes on to do so when the server no longer does: a setting of the database is taken over at connection.</summary>
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
            "The schema was dropped or changed: restore it from a copy, or start the process again to make it anew.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "The database is damaged: restore it from a copy.",
        _ => $"Look into the server's log (SQLSTATE {server.SqlState}).",
    };
}
