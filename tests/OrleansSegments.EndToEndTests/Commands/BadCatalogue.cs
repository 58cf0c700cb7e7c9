using OrleansSegments.CrashTests.Files;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>A feature catalogue with one error.</summary>
internal static class BadCatalogue
{
    public const string Entry = "orders_90d";
    public const string Value = "-90";

    public static string Write(TemporaryFolder folder) => folder.Write("features.json", $$"""
        {
          "version": 1,
          "features": [
            {
              "name": "{{Entry}}", "kind": "behavioural", "aggregation": "decayedCount",
              "events": ["Order Completed"], "halfLifeDays": {{Value}}, "transform": "log1p", "weight": 1
            }
          ]
        }
        """);
}
