using System.Diagnostics;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Configuration;
using OrleansSegments.Contracts.Exports;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Exports;

/// <summary>
/// Owns a snapshot of the store while its caller reads it; a crash loses the reading, which the caller begins again. When the caller stops asking, the
/// runtime ends the enumeration after its call timeout, and with it the snapshot.
/// </summary>
[CollectionAgeLimit(Minutes = 2)]
public sealed class ExportGrain(ICustomerStore store, ModelCache models, FeatureEngine features, TimeProvider clock) : Grain, IExportGrain
{
    /// <summary>Customers of a page: 100 KB of ids, or a few hundred of features.</summary>
    private const int PageRows = 2_048;

    /// <summary>A store keeps for a snapshot what is replaced meanwhile: at 10,000 changes a second some gigabytes in this time.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(15);

    public async IAsyncEnumerable<MembersExport> Members(int segmentId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using ICustomerSnapshot snapshot = await store.TakeSnapshotAsync(cancellationToken);
        ExportInstant instant = InstantOf(snapshot, snapshot.Totals.SizeOf(segmentId));
        await foreach (IReadOnlyList<string> page in PagesAsync(static id => id, (after, ct) => snapshot.ReadMembersAsync(segmentId, after, PageRows, ct), cancellationToken))
        {
            yield return new MembersExport(instant, [.. page]);
        }
    }

    public async IAsyncEnumerable<CustomersExport> Customers([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using ICustomerSnapshot snapshot = await store.TakeSnapshotAsync(cancellationToken);
        ExportInstant instant = InstantOf(snapshot, snapshot.Totals.Population);
        string[] names = [.. features.Catalogue.Features.Select(static feature => feature.Name)];
        await foreach (IReadOnlyList<StoredCustomer> page in PagesAsync(static customer => customer.CustomerId, (after, ct) => snapshot.ScanAsync(after, PageRows, ct), cancellationToken))
        {
            yield return new CustomersExport(
                instant, names, [.. page.Where(static customer => customer.Record.IsInPopulation).Select(customer => Evaluate(customer, instant.AsOf.ToUnixTimeMilliseconds()))]);
        }
    }

    private ExportInstant InstantOf(ICustomerSnapshot snapshot, long lines) => new(clock.GetUtcNow(), models.Current.Version, snapshot.Totals.Sequence, lines);

    private ExportedCustomer Evaluate(StoredCustomer customer, long atMilliseconds)
    {
        var values = new double[features.FeatureCount];
        features.EvaluateNatural(customer.Record.State, atMilliseconds, values);
        return new ExportedCustomer(customer.CustomerId, SegmentKey.Of(customer.Record.SegmentId), customer.Record.ModelVersion, values);
    }

    private static async IAsyncEnumerable<IReadOnlyList<T>> PagesAsync<T>(
        Func<T, string> idOf, Func<string?, CancellationToken, ValueTask<IReadOnlyList<T>>> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        string? after = null;
        IReadOnlyList<T> page;
        do
        {
            if (Stopwatch.GetElapsedTime(startedAt) > TimeMax)
            {
                throw new TimeoutException($"The export was not read within {TimeMax.TotalMinutes:0} minutes. Read it faster, to a file for example.");
            }

            page = await read(after, cancellationToken);
            yield return page;
            after = page.Count > 0 ? idOf(page[^1]) : null;
        }
        while (page.Count == PageRows);
    }
}
