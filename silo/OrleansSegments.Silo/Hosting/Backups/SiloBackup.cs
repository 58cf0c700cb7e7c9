using OrleansSegments.ClientApi.Backups;
using OrleansSegments.Storage.Embedded;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Backs up the data folder while the silo serves it, one backup at a time.</summary>
internal sealed class SiloBackup(EmbeddedStore store, string folder, IHostApplicationLifetime lifetime, ILogger<SiloBackup> logger) : IStoreBackup
{
    private int _isUnderWay;

    public async Task<BackupOutcome> MakeAsync(string? name, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 1)
        {
            return new BackupOutcome(null, "Another backup is running. Try again when it has finished.");
        }

        try
        {
            string target = Path.Combine(folder, name ?? $"backup-{TimeProvider.System.GetUtcNow():yyyyMMdd-HHmmss}");
            if (Directory.Exists(target))
            {
                return new BackupOutcome(null, $"{target} exists. Choose another name, or leave it out to get a name made of the time.");
            }

            using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            var backup = new EmbeddedBackup(ContentsReader.ReadAsJsonAsync, static (_, _, _) => { }, TimeProvider.System);
            BackupReport report = ContentsReader.Report(target, await backup.MakeAsync(store, target, ends.Token));
            logger.LogInformation("Backup {Folder} is made: {Customers} customers, {Bytes} bytes", target, report.Contents.Customers, report.Bytes);
            return new BackupOutcome(report);
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }
}
