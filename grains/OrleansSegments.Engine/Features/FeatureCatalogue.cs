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

    private FeatureCatalogue(CatalogueContent content)
    {
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

        var catalogue = new FeatureCatalogue(content);
        if (catalogue.Layout.CellCount <= StateLayout.CellsMax)
        {
            return catalogue;
        }

        found.Add(new CatalogueError(
            "features.json", "features", $"{catalogue.Layout.CellCount} stored numbers per customer", $"there may be at most {StateLayout.CellsMax}",
            "Remove entries, or let entries share events, conditions and half-lives."));
        return null;
    }

    /// <summary>Parses UTF-8 JSON.</summary>
    /// <exception cref="FormatException">Thrown for an invalid catalogue; lists all errors, one per line.</exception>
    public static FeatureCatalogue Load(ReadOnlyMemory<byte> json) =>
        TryLoad(json, out var errors) ?? throw new FormatException("The feature catalogue is invalid:\n" + string.Join('\n', errors));

    /// <summary>The default features.json, as a starting point for a custom one.</summary>
    public static byte[] DefaultJson()
    {
        using var resource = typeof(FeatureCatalogue).Assembly.GetManifestResourceStream("OrleansSegments.Engine.Features.features.json")!;
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return json;
    }

    private static ulong HashOf(CatalogueContent content, ulong layoutHash)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{layoutHash}\n{content.Zone.Id}\n{content}");
        foreach (var x in content.Features)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{x.Name}/{x.Aggregation}/{x.HalfLifeMilliseconds:R}/{x.PriorWeight:R}/{x.PriorMean:R}/{x.Transform}/{x.Weight:R}/{x.Missing}/{x.MissingValue:R}/")
                .Append(CultureInfo.InvariantCulture, $"{x.Source}/{x.Denominator}/{x.Match}\n");
        }

        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
