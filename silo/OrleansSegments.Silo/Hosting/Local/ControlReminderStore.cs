using System.Text.Json;
using OrleansSegments.LocalRuntime.Reminders;
using OrleansSegments.Storage.Control;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Keeps reminders as documents of the data folder.</summary>
internal sealed class ControlReminderStore(IControlStateStore documents) : IReminderStore
{
    private const string Kind = "reminder";

    public async ValueTask<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ControlDocument> all = await documents.ReadAllAsync(Kind, cancellationToken);
        return [.. all.Select(d => JsonSerializer.Deserialize<ReminderEntry>(d.Content)!)];
    }

    public async ValueTask WriteAsync(ReminderEntry entry, CancellationToken cancellationToken)
    {
        string key = KeyOf(entry.GrainType, entry.GrainKey, entry.ReminderName);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(entry);
        while (!await documents.TryWriteAsync(Kind, key, await VersionOf(key, cancellationToken), content, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask RemoveAsync(string grainType, string grainKey, string reminderName, CancellationToken cancellationToken)
    {
        string key = KeyOf(grainType, grainKey, reminderName);
        while (!await documents.TryRemoveAsync(Kind, key, await VersionOf(key, cancellationToken), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<long> VersionOf(string key, CancellationToken cancellationToken) =>
        (await documents.ReadAsync(Kind, key, cancellationToken))?.Version ?? 0;

    private static string KeyOf(string grainType, string grainKey, string reminderName) => $"{grainType}/{grainKey}/{reminderName}";
}
