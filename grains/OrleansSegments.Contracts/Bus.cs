using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Bus;

/// <summary>Publishes the transition log and new models on the message bus. One in the cluster; key 0.</summary>
[Alias("change-publisher")]
public interface IChangePublisher : IGrainWithIntegerKey
{
    /// <summary>Starts publishing where it ended. Every silo calls it again and again, so that another silo takes over when the publisher's is lost.</summary>
    [AlwaysInterleave, Alias("ensure-running")]
    Task EnsureRunning();

    /// <summary>How far publishing is.</summary>
    [AlwaysInterleave, Alias("view")]
    ValueTask<PublisherView> View();
}

/// <summary>How far publishing on the bus is.</summary>
/// <param name="IsOn">False when no bus is configured.</param>
/// <param name="Broker">The broker's address without credentials; null without a bus.</param>
/// <param name="Queue">The queue from which events are taken; null without a bus.</param>
/// <param name="Sequence">The transition up to which everything is published.</param>
/// <param name="Problem">Why the last attempt failed; null when it succeeded.</param>
[GenerateSerializer, Immutable, Alias("publisher-view")]
public sealed record PublisherView(
    [property: Id(0)] bool IsOn, [property: Id(1)] string? Broker, [property: Id(2)] string? Queue, [property: Id(3)] long Sequence, [property: Id(4)] string? Problem);
