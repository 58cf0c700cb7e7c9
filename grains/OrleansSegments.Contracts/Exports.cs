using Orleans;

namespace OrleansSegments.Contracts.Exports;

/// <summary>Reads everybody, or a segment, as of one instant. One grain for each reading: the key is made by the caller and never used again.</summary>
[Alias("export")]
public interface IExportGrain : IGrainWithGuidKey
{
    /// <summary>The members of a segment ordered by id, in pages; at least one page, which may be empty.</summary>
    [Alias("members")]
    IAsyncEnumerable<MembersExport> Members(int segmentId, CancellationToken cancellationToken = default);

    /// <summary>All customers with their features ordered by id, in pages; at least one page, which may be empty.</summary>
    [Alias("customers")]
    IAsyncEnumerable<CustomersExport> Customers(CancellationToken cancellationToken = default);
}

/// <summary>What an export speaks of.</summary>
/// <param name="ModelVersion">The model of that instant.</param>
/// <param name="Sequence">Sequence number of the last transition included; the change feed continues there.</param>
/// <param name="Lines">How many customers all pages together have.</param>
[GenerateSerializer, Immutable, Alias("export-instant")]
public sealed record ExportInstant(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] int ModelVersion, [property: Id(2)] long Sequence, [property: Id(3)] long Lines);

/// <summary>A page of a segment's members.</summary>
/// <param name="Instant">The same on every page.</param>
[GenerateSerializer, Immutable, Alias("members-export")]
public sealed record MembersExport([property: Id(0)] ExportInstant Instant, [property: Id(1)] string[] CustomerIds);

/// <summary>A page of customers.</summary>
/// <param name="Instant">The same on every page.</param>
/// <param name="Features">Names of the values, in their order.</param>
[GenerateSerializer, Immutable, Alias("customers-export")]
public sealed record CustomersExport(
    [property: Id(0)] ExportInstant Instant, [property: Id(1)] string[] Features, [property: Id(2)] ExportedCustomer[] Customers);

/// <summary>A customer at the instant of an export.</summary>
/// <param name="Segment">The segment in which the customer counts.</param>
/// <param name="ModelVersion">The model that put it there.</param>
/// <param name="Values">In natural units; NaN for a feature without a value.</param>
[GenerateSerializer, Immutable, Alias("exported-customer")]
public sealed record ExportedCustomer(
    [property: Id(0)] string Id, [property: Id(1)] string Segment, [property: Id(2)] int ModelVersion, [property: Id(3)] double[] Values);
