using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>The validated contents of features.json: all feature definitions as data. Immutable.</summary>
public sealed class FeatureCatalogue
{
    public const int FeaturesMax = 128;

    private static readonly Lazy<FeatureCatalogue> LazyDefault = new(() => Load(DefaultJson()));

    private readonly Dictionary<string, int> _indices;

    private FeatureCatalogue(ReadOnlyMemory<byte> json, CatalogueContent content)
    {
        Json = json;
        Features = content.Features;
        TimeZone = content.Zone;
        (Layout, Compiled) = LayoutBuilder.Build(Features);
        Motion = new MotionPlan(Compiled, Layout.CellCount);
        _indices = Features.Select((x, i) => (x.Name, i)).ToDictionary(x => x.Name, x => x.i, StringComparer.Ordinal);
        Content = content;
        Reading = new ReadingRules(content, new LexiconReader(content.Lexicon));
        TraitFeatures = new TraitFeatures(Layout, Reading);
        EventNames = new EventNames(Layout.Accumulators.SelectMany(x => x.Source.Events).Select(x => x.Name).OfType<string>(), content.Aliases);
        Hash = HashOf(content, Layout.Hash);
    }

    /// <summary>The retail catalogue that ships with the product.</summary>
    public static FeatureCatalogue Default => LazyDefault.Value;

    /// <summary>The order is the order of every feature vector.</summary>
    public IReadOnlyList<FeatureDefinition> Features { get; }

    public int FeatureCount => Features.Count;

    /// <summary>The UTF-8 text that it was read from.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>
    /// Hash of everything that changes a feature's value or weight; wording and units are excluded. A model is valid for one hash.
    /// </summary>
    public ulong Hash { get; }

    /// <summary>
    /// Hash of everything that changes what is stored per customer. A state can be read under one layout hash only; weights, transforms,
    /// priors and missing rules may change without affecting stored states.
    /// </summary>
    public ulong LayoutHash => Layout.Hash;

    /// <summary>The time zone of events without <c>context.timezone</c>.</summary>
    public TimeZoneInfo TimeZone { get; }

    /// <summary>The names that are meant by the names of events.</summary>
    public EventNames EventNames { get; }

    internal CatalogueContent Content { get; }

    internal ReadingRules Reading { get; }

    internal TraitFeatures TraitFeatures { get; }

    internal StateLayout Layout { get; }

    internal CompiledFeature[] Compiled { get; }

    internal MotionPlan Motion { get; }

    /// <summary>Index of a feature, or -1.</summary>
    public int IndexOf(string name) => _indices.GetValueOrDefault(name, -1);

    /// <summary>Parses UTF-8 JSON. On any error returns null and the list of all errors.</summary>
    public static FeatureCatalogue? TryLoad(ReadOnlyMemory<byte> json, out IReadOnlyList<CatalogueError> errors)
    {
        var found = new List<CatalogueError>();
        errors = found;
        var content = CatalogueParser.Read(json, found);
        if (found.Count > 0)
        {
            return null;
        }

        var catalogue = new FeatureCatalogue(json, content);
        if (catalogue.TooManyCells() is not { } error)
        {
            return catalogue;
        }

        found.Add(error);
        return null;
    }

    /// <summary>Parses UTF-8 JSON.</summary>
    /// <exception cref="FormatException">Thrown for an invalid catalogue; lists all errors, one per line.</exception>
    public static FeatureCatalogue Load(ReadOnlyMemory<byte> json) =>
        TryLoad(json, out var errors) ?? throw new FormatException("The feature catalogue is invalid:\n" + string.Join('\n', errors));

    /// <summary>The same catalogue whose features began at other times.</summary>
    /// <param name="sinceOf">When a feature began to be collected, Unix milliseconds; 0 when it began with the store.</param>
    /// <exception cref="FormatException">Thrown when a customer's state would be too large.</exception>
    public FeatureCatalogue Since(Func<FeatureDefinition, long> sinceOf)
    {
        var catalogue = new FeatureCatalogue(Json, Content with { Features = [.. Features.Select(x => x with { SinceMilliseconds = sinceOf(x) })] });
        return catalogue.TooManyCells() is { } error ? throw new FormatException(error.ToString()) : catalogue;
    }

    /// <summary>
    /// This catalogue in a store that another one has served until now: what that one collects goes on, everything else begins now.
    /// </summary>
    /// <exception cref="FormatException">Thrown when a customer's state would be too large.</exception>
    public FeatureCatalogue Succeeding(FeatureCatalogue earlier, long atMilliseconds)
    {
        var collected = earlier.Layout.Accumulators.Select(x => x.Key).ToHashSet(StringComparer.Ordinal);
        long[] times = [0, .. earlier.Features.Select(x => x.SinceMilliseconds).Where(x => x > 0).Distinct().Order()];
        return Since(feature => times.FirstOrDefault(
            time => LayoutBuilder.KeysOf(feature with { SinceMilliseconds = time }).All(collected.Contains), atMilliseconds));
    }

    /// <summary>The default features.json, as a starting point for a custom one.</summary>
    public static byte[] DefaultJson()
    {
        using var resource = typeof(FeatureCatalogue).Assembly.GetManifestResourceStream("OrleansSegments.Engine.Features.features.json")!;
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return json;
    }

    /// <summary>Equal for features of two catalogues that have the same value for every customer, whatever their names and weights.</summary>
    internal static string MeaningOf(FeatureDefinition feature) =>
        string.Create(CultureInfo.InvariantCulture, $"{TextOf(feature with { Name = "", Weight = 0 })}@{feature.SinceMilliseconds}");

    private static string TextOf(FeatureDefinition x) => string.Create(
        CultureInfo.InvariantCulture,
        $"{x.Name}/{x.Aggregation}/{x.HalfLifeMilliseconds:R}/{x.PriorWeight:R}/{x.PriorMean:R}/{x.Transform}/{x.Weight:R}/{x.Missing}/{x.MissingValue:R}/{x.Source}/{x.Denominator}/{x.Match}");

    private CatalogueError? TooManyCells() => Layout.CellCount <= StateLayout.CellsMax ? null : new CatalogueError(
        "features.json", "features", $"{Layout.CellCount} stored numbers per customer", $"there may be at most {StateLayout.CellsMax}",
        "Remove entries, or let entries share events, conditions and half-lives.");

    private static ulong HashOf(CatalogueContent content, ulong layoutHash)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{layoutHash}\n{content.Zone.Id}\n{content}");
        foreach (var x in content.Features)
        {
            text.Append(TextOf(x)).Append('\n');
        }

        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
