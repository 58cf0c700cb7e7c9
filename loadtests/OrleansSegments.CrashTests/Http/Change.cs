using System.Text.Json.Nodes;

namespace OrleansSegments.CrashTests.Http;

/// <summary>A transition as the change feed tells it.</summary>
/// <param name="From">Null when the customer was new.</param>
public sealed record Change(long Sequence, string CustomerId, string? From, string To, string Cause, int ModelVersion)
{
    internal static Change Read(JsonNode change) => new(
        (long)change["sequence"]!,
        (string)change["customerId"]!,
        (string?)change["from"],
        (string)change["to"]!,
        (string)change["cause"]!,
        (int)change["modelVersion"]!);
}
