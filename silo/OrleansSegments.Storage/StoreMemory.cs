using System.Security.Cryptography;
using System.Text;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage;

/// <summary>All that the store knows without asking a file. Changed by the commit thread, after the journal has it.</summary>
internal sealed class StoreMemory(VersionTable versions, CommittedTotals totals, EarliestDeadline earliestDeadline)
{
    public IdHash Hash { get; } = new(RandomNumberGenerator.GetBytes(16));

    /// <summary>Versions of customers that were merged or read. Who is unmerged has the version there, whatever stands here.</summary>
    public VersionTable Versions { get; } = versions;

    public CommittedTotals Totals { get; } = totals;

    public EarliestDeadline EarliestDeadline { get; } = earliestDeadline;

    public UnmergedChanges Unmerged { get; } = new();

    public PassedDeadlines PassedDeadlines { get; } = new();

    /// <param name="buffer">Holds the bytes of the key: as many as an id has at most.</param>
    public IdKey KeyOf(string customerId, Span<byte> buffer) => KeyOf(buffer[..Encoding.UTF8.GetBytes(customerId, buffer)]);

    public IdKey KeyOf(ReadOnlySpan<byte> utf8) => new(utf8, Hash.Of(utf8));

    /// <summary>Takes in a commit that the journal has.</summary>
    public void Apply(CommittedPlace commit, CommitContent content, UnmergedGeneration? placesIn, ReadOnlySpan<int> places)
    {
        Unmerged.Apply(commit, content, placesIn, places);
        var earliest = long.MaxValue;
        foreach (ref readonly var customer in content.Customers)
        {
            earliest = Math.Min(earliest, customer.DueAtMilliseconds ?? long.MaxValue);
        }

        EarliestDeadline.Lower(earliest);
        Totals.Publish(content.TotalsAfter);
    }

    /// <summary>Forgets a generation that the tables hold now, but for the versions: before the view, so that no check finds neither.</summary>
    public void Release(UnmergedGeneration generation)
    {
        for (var place = 0; place < generation.Count; place++)
        {
            ref readonly var customer = ref generation.At(place);
            Versions.Set(customer.Hash, new CustomerVersion(customer.Version, customer.SegmentId));
        }

        Unmerged.Release();
    }
}
