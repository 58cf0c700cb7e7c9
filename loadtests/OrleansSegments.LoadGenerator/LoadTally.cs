using System.Net;
using System.Text.Json;

namespace OrleansSegments.LoadGenerator;

/// <summary>The counters of a run, updated concurrently by all requests with interlocked operations.</summary>
internal sealed class LoadTally
{
    private long _accepted;
    private long _duplicates;
    private long _rejected;
    private long _givenUp;
    private long _success;
    private long _tooMany;
    private long _serverErrors;
    private long _others;
    private long _networkErrors;

    public LatencyHistogram Latency { get; } = new();

    public LatencyHistogram Service { get; } = new();

    public LatencyHistogram Behind { get; } = new();

    public long EventsAccepted => Interlocked.Read(ref _accepted);

    public void Answer(HttpStatusCode status)
    {
        switch ((int)status)
        {
            case >= 200 and < 300:
                Interlocked.Increment(ref _success);
                break;
            case 429:
                Interlocked.Increment(ref _tooMany);
                break;
            case >= 500:
                Interlocked.Increment(ref _serverErrors);
                break;
            default:
                Interlocked.Increment(ref _others);
                break;
        }
    }

    public void NetworkError() => Interlocked.Increment(ref _networkErrors);

    public void Accept(int events, BatchVerdict verdict, TimeSpan latency, TimeSpan service)
    {
        Interlocked.Add(ref _accepted, events - verdict.Rejected);
        Interlocked.Add(ref _duplicates, verdict.Duplicates);
        Interlocked.Add(ref _rejected, verdict.Rejected);
        Latency.Record(latency);
        Service.Record(service);
    }

    public void GiveUp(int events) => Interlocked.Add(ref _givenUp, events);

    public LoadReport Report(LoadOptions options, ulong seed, long batches, TimeSpan elapsed) => new()
    {
        Events = EventsAccepted,
        EventsPerSecond = Math.Round(EventsAccepted / Math.Max(elapsed.TotalSeconds, 1e-6), 1),
        EventsDuplicate = Interlocked.Read(ref _duplicates),
        EventsRejected = Interlocked.Read(ref _rejected),
        EventsGivenUp = Interlocked.Read(ref _givenUp),
        EventsPerSecondIntended = options.EventsPerSecond,
        Customers = options.Customers,
        Seed = seed,
        Seconds = Math.Round(elapsed.TotalSeconds, 3),
        Batches = batches,
        LatencyMsP50 = Milliseconds(Latency.Percentile(50)),
        LatencyMsP90 = Milliseconds(Latency.Percentile(90)),
        LatencyMsP99 = Milliseconds(Latency.Percentile(99)),
        LatencyMsMax = Milliseconds(Latency.Max),
        ServiceMsP50 = Milliseconds(Service.Percentile(50)),
        ServiceMsP99 = Milliseconds(Service.Percentile(99)),
        BehindScheduleMsMax = Milliseconds(Behind.Max),
        Answers2xx = Interlocked.Read(ref _success),
        Answers429 = Interlocked.Read(ref _tooMany),
        Answers5xx = Interlocked.Read(ref _serverErrors),
        AnswersOther = Interlocked.Read(ref _others),
        NetworkErrors = Interlocked.Read(ref _networkErrors),
    };

    private static double Milliseconds(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 3);
}

/// <summary>The API's counts for an accepted batch. Any success is an acceptance; the counts are read if present.</summary>
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
