using System.Text.Json;

namespace OrleansSegments.LoadGenerator;

/// <summary>What the API says about the events of an accepted batch. Any success is an acceptance; the counts are read where they are told.</summary>
internal readonly record struct BatchVerdict(int Duplicates, int Rejected)
{
    public static BatchVerdict Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new BatchVerdict(CountOf(json.RootElement, "duplicates"), CountOf(json.RootElement, "rejected"))
                : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static int CountOf(JsonElement answer, string name) =>
        !answer.TryGetProperty(name, out JsonElement told) ? 0
        : told.ValueKind == JsonValueKind.Array ? told.GetArrayLength()
        : told.ValueKind == JsonValueKind.Number && told.TryGetInt32(out int count) ? count
        : 0;
}
