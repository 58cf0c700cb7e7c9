using System.Text;
using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>The catalogues that a store was served with, oldest first; the last one is in force. Immutable.</summary>
public sealed class CatalogueHistory
{
    /// <summary>Each needs about 20 kB in the store and a millisecond at every start.</summary>
    public const int CataloguesMax = 200;

    private readonly IReadOnlyList<Entry> _entries;

    private CatalogueHistory(IReadOnlyList<Entry> entries) => _entries = entries;

    /// <summary>Of a store that was served with no catalogue.</summary>
    public static CatalogueHistory None { get; } = new([]);

    /// <summary>The catalogue in force; null for <see cref="None"/>.</summary>
    public FeatureCatalogue? Current => _entries.Count == 0 ? null : _entries[^1].Catalogue;

    /// <summary>All catalogues before the one in force.</summary>
    public IEnumerable<FeatureCatalogue> Earlier => _entries.SkipLast(1).Select(x => x.Catalogue);

    /// <summary>The catalogue that a model was trained under; null when the store does not know it.</summary>
    public FeatureCatalogue? Find(ulong hash) => _entries.LastOrDefault(x => x.Catalogue.Hash == hash)?.Catalogue;

    /// <summary>True when the store was served with this catalogue, and then with others.</summary>
    public bool IsSuperseded(FeatureCatalogue catalogue)
    {
        var plain = catalogue.Since(_ => 0).Hash;
        return Current?.Since(_ => 0).Hash != plain && Earlier.Any(x => x.Since(_ => 0).Hash == plain);
    }

    /// <summary>The history with a catalogue in force; the same instance when it already is.</summary>
    /// <param name="atMilliseconds">When features that are not collected yet begin; 0 when the store has no customers.</param>
    /// <exception cref="FormatException">Thrown when the store can take no further catalogue.</exception>
    public CatalogueHistory Adopt(FeatureCatalogue next, long atMilliseconds)
    {
        if (Current is not { } current)
        {
            return new([new Entry(next, atMilliseconds)]);
        }

        if (SinceByName(next, current.Features.ToDictionary(x => x.Name, x => x.SinceMilliseconds)).Hash == current.Hash)
        {
            return this;
        }

        // Times are unique, because an aggregate that ended and one that began must not be taken for the same.
        var at = atMilliseconds == 0 ? 0 : Math.Max(atMilliseconds, _entries.Max(x => x.AdoptedAtMilliseconds) + 1);
        var adopted = new Entry(next.Succeeding(current, at), at);
        Entry[] entries = [.. _entries.Where(x => x.Catalogue.Hash != adopted.Catalogue.Hash), adopted];
        return entries.Length <= CataloguesMax
            ? new(entries)
            : throw new FormatException($"The store was served with {CataloguesMax} feature catalogues and can take no other; go back to an earlier one.");
    }

    public static CatalogueHistory Read(ReadOnlySpan<byte> document) => new(
    [
        .. JsonSerializer.Deserialize<Stored[]>(document)!.Select(x => new Entry(
            SinceByName(FeatureCatalogue.Load(Encoding.UTF8.GetBytes(x.Features)), x.Since), x.AdoptedAt)),
    ]);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(_entries.Select(x => new Stored(
        x.AdoptedAtMilliseconds,
        x.Catalogue.Features.Where(f => f.SinceMilliseconds > 0).ToDictionary(f => f.Name, f => f.SinceMilliseconds),
        Encoding.UTF8.GetString(x.Catalogue.Json.Span))));

    private static FeatureCatalogue SinceByName(FeatureCatalogue catalogue, IReadOnlyDictionary<string, long> since) =>
        catalogue.Since(x => since.GetValueOrDefault(x.Name));

    private sealed record Entry(FeatureCatalogue Catalogue, long AdoptedAtMilliseconds);

    /// <summary>One catalogue in the store's document.</summary>
    private sealed record Stored(long AdoptedAt, Dictionary<string, long> Since, string Features);
}
