using System.Text.Json.Nodes;

namespace OrleansSegments.EndToEndTests.Http;

/// <summary>An answer, read whole.</summary>
internal sealed record ApiAnswer(int Status, TimeSpan? RetryAfter, string? MediaType, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)?.AsObject() ?? throw new InvalidOperationException($"Not a JSON object: {this}");

    /// <summary>Refused with this status, in the one shape of errors.</summary>
    public void AssertRefused(int status, string code)
    {
        Assert.True(Status == status, $"{status} was expected: {this}");
        Assert.Equal(code, (string?)Json["error"]?["code"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)Json["error"]?["message"]), ToString());
    }

    public void AssertAccepted(int accepted, int duplicates)
    {
        Assert.True(Status == 200, ToString());
        Assert.True((bool?)Json["success"], ToString());
        Assert.True(accepted == (int?)Json["accepted"] && duplicates == (int?)Json["duplicates"], $"{accepted} and {duplicates} were expected: {this}");
    }
}
