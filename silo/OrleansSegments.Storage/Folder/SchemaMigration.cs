using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Sqlite;

namespace OrleansSegments.Storage.Folder;

/// <summary>Brings a file from the schema version it has (SQLite's <c>user_version</c>) to the newest, one numbered script and transaction at a time.</summary>
internal static class SchemaMigration
{
    /// <exception cref="StoreException">The file was written by a newer program.</exception>
    public static void Apply(SqliteDatabase database, IReadOnlyList<string> migrations, ILogger logger)
    {
        var version = database.QueryNumber("PRAGMA user_version") ?? 0;
        if (version > migrations.Count)
        {
            throw new StoreException(
                $"{database.Path} has schema version {version}; this program knows versions up to {migrations.Count}. "
                + "Run the newer program, or restore a copy from before the upgrade.");
        }

        for (var next = (int)version; next < migrations.Count; next++)
        {
            if (version > 0)
            {
                logger.LogInformation(
                    "Brings {Path} from schema version {Version} to {Next}. A large file takes minutes; ended before, it begins again at the next start",
                    database.Path,
                    next,
                    next + 1);
            }

            try
            {
                database.Execute("BEGIN IMMEDIATE");
                database.Execute(migrations[next]);
                database.Execute($"PRAGMA user_version={next + 1}");
                database.Execute("COMMIT");
            }
            catch
            {
                database.RollbackIfOpen();
                throw;
            }
        }
    }
}
