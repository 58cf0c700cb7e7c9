using System.Text.Json;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Console.Customers;

/// <summary>Says in sentences why a customer is in its segment and what would move it.</summary>
internal static class CustomerWords
{
    /// <summary>Features named in the sentence.</summary>
    private const int ReasonsMax = 3;

    public static string Why(CustomerExplanation why)
    {
        if (why.RunnerUpId is null)
        {
            return Show.Text(Texts.WhyOnly, why.Effective.Name);
        }

        var reasons = why.Contributions.Where(part => part.Contribution > 0).OrderByDescending(part => part.Contribution).Take(ReasonsMax)
            .Select(part => Show.Text(Texts.Reason, Show.Feature(part.Feature), Show.Value(part.Value), Show.Value(part.OwnCentre), Show.Value(part.RunnerUpCentre)));
        return Show.Text(Texts.WhySentence, why.Effective.Name, RunnerUp(why), string.Join("; ", reasons));
    }

    public static string Next(CustomerExplanation why)
    {
        var margin = why.RunnerUpId is null ? "" : Show.Text(why.Margin < 0 ? Texts.StaysByHysteresis : Texts.MarginSentence, RunnerUp(why), Show.Share(Math.Abs(why.Margin)), Show.Share(why.HysteresisMargin));
        var time = why.DueAt is { } due ? Show.Text(Texts.TimeMoves, Show.When(due)) : Texts.TimeDoesNotMove;
        return $"{margin} {time}".Trim();
    }

    public static string RunnerUp(CustomerExplanation why) => why.Distances.FirstOrDefault(x => x.Id == why.RunnerUpId)?.Name ?? why.RunnerUpId ?? "";

    /// <summary>The traits by name, nested ones with a dotted path.</summary>
    /// <param name="json">A UTF-8 JSON object.</param>
    public static IEnumerable<(string Name, string Value)> Traits(byte[] json) => json.Length == 0 ? [] : Flat("", JsonElement.Parse(json));

    private static IEnumerable<(string Name, string Value)> Flat(string path, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().SelectMany(property => Flat(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value))
        : [(path, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())];
}
