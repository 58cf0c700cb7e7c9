using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>YAML as nested dictionaries and lists of strings, merge keys resolved.</summary>
internal static class YamlFiles
{
    public static List<Dictionary<object, object>> Read(string file)
    {
        using var reader = new StreamReader(Path.Combine(RepositoryFiles.Root, file));
        var parser = new MergingParser(new Parser(reader));
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        parser.Consume<StreamStart>();
        while (parser.TryConsume<DocumentStart>(out _))
        {
            documents.Add(deserializer.Deserialize<Dictionary<object, object>>(parser));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    /// <summary>What lies at a path of keys; null where there is nothing.</summary>
    public static object? At(this object? node, params string[] path) =>
        path.Aggregate(node, (current, key) => current is Dictionary<object, object> map && map.TryGetValue(key, out var value) ? value : null);

    public static string Text(this object? node, params string[] path) => node.At(path) as string ?? "";

    public static IEnumerable<object> Items(this object? node, params string[] path) => node.At(path) as List<object> ?? [];

    public static Dictionary<object, object> Map(this object? node, params string[] path) => node.At(path) as Dictionary<object, object> ?? [];
}
