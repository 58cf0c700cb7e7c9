namespace OrleansSegments.LoadGenerator;

/// <summary>A load for a running API.</summary>
public sealed record LoadOptions
{
    /// <summary>The API's root, such as http://127.0.0.1:8080.</summary>
    public required Uri Uri { get; init; }

    /// <summary>Sent as the user name of Basic authentication, as the SDKs do.</summary>
    public required string WriteKey { get; init; }

    /// <summary>The rate, kept regardless of the API's answers: 1 to 10 million.</summary>
    public int EventsPerSecond { get; init; } = 1_000;

    /// <summary>How long new batches are sent: above 0, up to a day.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Number of shoppers that the events come from: 1 to 100 million.</summary>
    public int Customers { get; init; } = 10_000;

    /// <summary>Gives the events to customers by Zipf's law instead: a few have most of them. Each event is then that of another shopper.</summary>
    public bool IsZipf { get; init; }

    /// <summary>Events per request: 1 to 2,500, the protocol's limit.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>
    /// Concurrent requests including retries: 1 to 4,096. When all are busy the schedule falls behind, which shows in the latencies.
    /// </summary>
    public int Connections { get; init; } = 32;

    /// <summary>
    /// The seed of the shoppers. A repeated seed repeats the message ids, which the API counts only once; so the default is null, a seed
    /// from the clock.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>Attempts per batch: 1 to 100.</summary>
    public int AttemptsMax { get; init; } = 10;

    /// <summary>Throws when a value is out of its range, naming the value and the range.</summary>
    public void Validate()
    {
        Require(Uri.IsAbsoluteUri && Uri.Scheme is "http" or "https", nameof(Uri), Uri, "an absolute http or https address");
        Require(!string.IsNullOrEmpty(WriteKey), nameof(WriteKey), WriteKey, "not empty");
        Require(EventsPerSecond is >= 1 and <= 10_000_000, nameof(EventsPerSecond), EventsPerSecond, "1 to 10000000");
        Require(Seconds is > 0 and <= 86_400, nameof(Seconds), Seconds, "above 0, to 86400");
        Require(Customers is >= 1 and <= 100_000_000, nameof(Customers), Customers, "1 to 100000000");
        Require(BatchSize is >= 1 and <= 2_500, nameof(BatchSize), BatchSize, "1 to 2500");
        Require(Connections is >= 1 and <= 4_096, nameof(Connections), Connections, "1 to 4096");
        Require(AttemptsMax is >= 1 and <= 100, nameof(AttemptsMax), AttemptsMax, "1 to 100");
    }

    private static void Require(bool holds, string name, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be {rule}.");
        }
    }
}
