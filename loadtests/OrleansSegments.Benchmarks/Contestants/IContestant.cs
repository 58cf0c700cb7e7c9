namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>One way to keep features of customers durable, event by event, measured beside the others on the same events.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Makes every customer known.</summary>
    Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken);

    /// <summary>As fast as it goes for a time.</summary>
    Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken);
}
