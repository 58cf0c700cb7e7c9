using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.EndToEndTests.Http;

/// <summary>Assertions on answers.</summary>
internal static class AnswerAssertions
{
    /// <summary>Expects a refusal with this status, in the common shape of errors.</summary>
    public static void AssertRefused(this ApiAnswer answer, int status, string code)
    {
        Assert.True(answer.Status == status, $"{status} was expected: {answer}");
        Assert.Equal(code, (string?)answer.Json["error"]?["code"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)answer.Json["error"]?["message"]), answer.ToString());
    }

    public static void AssertAccepted(this ApiAnswer answer, int accepted, int duplicates)
    {
        Assert.True(answer.Status == 200, answer.ToString());
        Assert.True((bool?)answer.Json["success"], answer.ToString());
        Assert.True(
            accepted == (int?)answer.Json["accepted"] && duplicates == (int?)answer.Json["duplicates"],
            $"{accepted} and {duplicates} were expected: {answer}");
    }
}
