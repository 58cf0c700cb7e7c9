namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>What a test may ask of a runtime, in words that both runtimes understand.</summary>
public sealed record RuntimeSettings
{
    /// <summary>Calls that may wait for one grain.</summary>
    public int MailboxCallsMax { get; init; } = 100_000;

    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);
}
