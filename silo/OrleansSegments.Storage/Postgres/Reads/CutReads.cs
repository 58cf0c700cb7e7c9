using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>Finds ids that cut the population into parts of about the same size, from a sample of its pages: a million customers cost milliseconds.</summary>
internal static class CutReads
{
    /// <summary>Sampled ids for each part; the sizes of the parts then differ by a tenth or so.</summary>
    private const int IdsPerPart = 500;

    private const string SampleSql = "SELECT customer_id FROM customers TABLESAMPLE SYSTEM ($1) ORDER BY customer_id";

    public static async Task<IReadOnlyList<string>> Read(
        NpgsqlConnection connection, (int Parts, long Population) ask, CancellationToken cancellationToken)
    {
        var percent = 100.0 * IdsPerPart * ask.Parts / Math.Max(1, ask.Population);
        await using var command = connection.Command(SampleSql, (float)Math.Min(100, percent));
        var ids = await command.ListAsync(static row => Rows.Id(row, 0), cancellationToken);

        // A part without customers would be of no use; so a handful of them is cut into fewer parts.
        return [.. Enumerable.Range(1, ask.Parts - 1).Select(part => (int)((long)part * ids.Count / ask.Parts)).Where(place => place > 0).Distinct().Select(place => ids[place - 1])];
    }
}
