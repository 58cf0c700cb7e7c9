using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.Silo.Summaries;

/// <summary>The summary of a load run: the generator's report, and the segments as the API answers them afterwards.</summary>
internal static class LoadSummary
{
    /// <summary>Asks the API for its segments with a read key; without the right to, the summary says nothing of them.</summary>
    public static async Task<JsonObject> MakeAsync(LoadReport report, Uri api, string readKey, CancellationToken cancellationToken)
    {
        JsonObject summary = JsonNode.Parse(report.ToJson())!.AsObject();
        using var client = new HttpClient { BaseAddress = api };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(readKey + ":")));
        using HttpResponseMessage answer = await client.GetAsync(new Uri("/v1/segments", UriKind.Relative), cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            await Console.Error.WriteLineAsync($"GET /v1/segments answered {(int)answer.StatusCode}; name a read key with --read-key to have the segments in the summary.");
            return summary;
        }

        JsonObject census = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        JsonObject[] segments = [.. census["segments"]!.AsArray().Select(s => Brief(s!))];
        summary["customers"] = census["population"]!.GetValue<long>();
        summary["modelVersion"] = census["modelVersion"]!.GetValue<int>();
        summary["sumOfSizes"] = segments.Sum(s => s["size"]!.GetValue<long>());
        summary["segments"] = new JsonArray(segments);
        return summary;
    }

    private static JsonObject Brief(JsonNode segment) => new()
    {
        ["id"] = segment["id"]!.GetValue<string>(),
        ["name"] = segment["name"]!.GetValue<string>(),
        ["size"] = segment["size"]!.GetValue<long>(),
    };
}
