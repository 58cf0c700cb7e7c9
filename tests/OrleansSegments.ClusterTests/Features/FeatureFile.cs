using System.Text.Json.Nodes;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.ClusterTests.Features;

/// <summary>The default catalogue with one new feature, one that is changed and one that is removed, in a file.</summary>
internal static class FeatureFile
{
    public const string Added = "searches_7d";
    public const string Changed = "pages_30d";
    public const string Removed = "wishlist_adds_90d";

    public static string Write(TestFolder folder, bool changes = true, bool onlyAdds = false)
    {
        var catalogue = JsonNode.Parse(FeatureCatalogue.DefaultJson())!;
        if (changes)
        {
            var features = catalogue["features"]!.AsArray();
            var added = Find(features, "searches_30d").DeepClone();
            (added["name"], added["halfLifeDays"]) = (Added, 7);
            features.Add(added);
            if (!onlyAdds)
            {
                Find(features, Changed)["halfLifeDays"] = 20;
                features.Remove(Find(features, Removed));
            }
        }

        var file = Path.Combine(folder.Path, "features.json");
        File.WriteAllText(file, catalogue.ToJsonString());
        return file;
    }

    private static JsonNode Find(JsonArray features, string name) => features.Single(feature => (string?)feature!["name"] == name)!;
}
