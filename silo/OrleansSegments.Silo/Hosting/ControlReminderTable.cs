using System.Globalization;
using System.Text.Json;
using Orleans.Runtime;
using OrleansSegments.Storage.Control;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reminder table of a single silo: documents of the store. There are only a few, so reading all of them is cheap.</summary>
internal sealed class ControlReminderTable(IControlStateStore documents) : IReminderTable
{
    private const string Kind = "orleans-reminder";

    public async Task<ReminderTableData> ReadRows(GrainId grainId) => new((await ReadAll()).Where(entry => entry.GrainId == grainId));

    public async Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        new((await ReadAll()).Where(entry => IsIn(entry.GrainId.GetUniformHashCode(), begin, end)));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        await documents.ReadAsync(Kind, KeyOf(grainId, reminderName), CancellationToken.None) is { } document ? EntryOf(document) : null;

    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        string key = KeyOf(entry.GrainId, entry.ReminderName);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new StoredReminder(entry.GrainId.ToString(), entry.ReminderName, entry.StartAt, entry.Period));
        while (true)
        {
            long version = (await documents.ReadAsync(Kind, key, CancellationToken.None))?.Version ?? 0;
            if (await documents.TryWriteAsync(Kind, key, version, content, CancellationToken.None))
            {
                return Etag(version + 1);
            }
        }
    }

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        await documents.TryRemoveAsync(Kind, KeyOf(grainId, reminderName), long.Parse(eTag, CultureInfo.InvariantCulture), CancellationToken.None);

    public Task TestOnlyClearTable() => throw new NotSupportedException();

    private async Task<IEnumerable<ReminderEntry>> ReadAll() => (await documents.ReadAllAsync(Kind, CancellationToken.None)).Select(EntryOf);

    private static ReminderEntry EntryOf(ControlDocument document)
    {
        StoredReminder stored = JsonSerializer.Deserialize<StoredReminder>(document.Content)!;
        return new ReminderEntry
        {
            GrainId = GrainId.Parse(stored.GrainId),
            ReminderName = stored.ReminderName,
            StartAt = stored.StartAt,
            Period = stored.Period,
            ETag = Etag(document.Version),
        };
    }

    /// <summary>
    /// True when a hash is in a range of the ring: begin exclusive, end inclusive, wrapping around when begin is not below end.
    /// </summary>
    private static bool IsIn(uint hash, uint begin, uint end) => begin < end ? begin < hash && hash <= end : begin < hash || hash <= end;

    private static string KeyOf(GrainId grainId, string reminderName) => $"{grainId}/{reminderName}";

    private static string Etag(long version) => version.ToString(CultureInfo.InvariantCulture);

    private sealed record StoredReminder(string GrainId, string ReminderName, DateTime StartAt, TimeSpan Period);
}
