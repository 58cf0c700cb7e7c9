namespace OrleansSegments.Client;

/// <summary>Where the API is, the keys, and the limits of sending.</summary>
public sealed class SegmentsClientOptions
{
    /// <summary>The API's root, for example http://127.0.0.1:8080.</summary>
    public required Uri Address { get; init; }

    /// <summary>A key that may send events; null for a client that only asks.</summary>
    public string? WriteKey { get; init; }

    /// <summary>A key that may ask; null for a client that only sends.</summary>
    public string? ReadKey { get; init; }

    /// <summary>Events that wait to be sent; whoever sends more waits for room.</summary>
    public int QueueEventsMax { get; init; } = 10_000;

    /// <summary>Events of a request; the API takes 2,500 unless it is configured otherwise.</summary>
    public int BatchEventsMax { get; init; } = 500;

    /// <summary>Bytes of a request before compression; the API takes 4 MiB unless it is configured otherwise.</summary>
    public int BatchBytesMax { get; init; } = 1024 * 1024;

    /// <summary>How long an event waits for others before the batch is sent.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a batch is sent again before it is given up. The API recognizes repeats for 24 hours.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long closing goes on sending what waits.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may take, and a query with its repetitions.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Called with the events that were not taken, by the sending loop: keep them or log them, quickly. They are also in the report of
    /// <see cref="EventSender.FlushAsync"/>.
    /// </summary>
    public Action<IReadOnlyList<UnsentEvent>>? OnUnsent { get; init; }

    /// <summary>The clock of timestamps, intervals and waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
