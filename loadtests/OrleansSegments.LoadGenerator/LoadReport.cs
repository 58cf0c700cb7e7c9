using System.Text.Json;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// The results of a run. Latencies are of batches, from the intended send time to the accepting answer, including retries, in milliseconds;
/// service times count from the actual start of the last attempt. The JSON names are the properties' in camel case.
/// </summary>
public sealed record LoadReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Acknowledged events, including duplicates.</summary>
    public required long Events { get; init; }

    /// <summary>Acknowledged events that the API had already counted.</summary>
    public required long EventsDuplicate { get; init; }

    /// <summary>Events that the API will never accept.</summary>
    public required long EventsRejected { get; init; }

    public required double EventsPerSecond { get; init; }

    /// <summary>Events of batches that were not accepted within the allowed attempts.</summary>
    public required long EventsGivenUp { get; init; }

    public required int EventsPerSecondIntended { get; init; }

    public required int Customers { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>From the first intended send to the last answer.</summary>
    public required double Seconds { get; init; }

    public required long Batches { get; init; }

    public required double LatencyMsP50 { get; init; }

    public required double LatencyMsP90 { get; init; }

    public required double LatencyMsP99 { get; init; }

    public required double LatencyMsMax { get; init; }

    public required double ServiceMsP50 { get; init; }

    public required double ServiceMsP99 { get; init; }

    /// <summary>The largest delay of a send against the schedule.</summary>
    public required double BehindScheduleMsMax { get; init; }

    public required long Answers2xx { get; init; }

    public required long Answers429 { get; init; }

    public required long Answers5xx { get; init; }

    public required long AnswersOther { get; init; }

    /// <summary>Attempts without an answer.</summary>
    public required long NetworkErrors { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>Progress of a run, reported about once a second.</summary>
/// <param name="Elapsed">Since the start.</param>
/// <param name="EventsSent">In requests started so far.</param>
/// <param name="EventsAccepted">In requests answered with success.</param>
/// <param name="BehindSchedule">Delay of the last batch against the schedule.</param>
/// <param name="LatencyP99">Over the whole run so far.</param>
public readonly record struct LoadProgress(TimeSpan Elapsed, long EventsSent, long EventsAccepted, TimeSpan BehindSchedule, TimeSpan LatencyP99);
