using System.Text.Json.Nodes;

namespace OrleansSegments.CrashTests.Http;

/// <summary>An answer, read whole.</summary>
public sealed record ApiAnswer(int Status, TimeSpan? RetryAfter, string? MediaType, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)?.AsObject() ?? throw new InvalidOperationException($"Not a JSON object: {this}");

    /// <summary>Turned away for now, in the way that the API promises: too much load, or a store that cannot write.</summary>
    public bool IsTurnedAway => Status is 429 or 503 && RetryAfter > TimeSpan.Zero;
}
