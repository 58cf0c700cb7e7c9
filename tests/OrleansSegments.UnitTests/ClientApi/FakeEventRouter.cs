using OrleansSegments.Contracts.Events;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Keeps what it was handed and answers what it was told; by default everything is durable.</summary>
internal sealed class FakeEventRouter : IEventRouter
{
    public List<CustomerEvent> Events { get; } = [];

    public RouteStatus Status { get; set; } = RouteStatus.Durable;

    public EventRejection[] Rejected { get; set; } = [];

    public Exception? Failure { get; set; }

    /// <summary>When set, a batch waits for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<RouteReceipt> Route(EventBatch batch)
    {
        lock (Events)
        {
            Events.AddRange(batch.Events);
        }

        Entered.TrySetResult();
        if (Gate is not null)
        {
            await Gate.Task;
        }

        return Failure is null
            ? new RouteReceipt(Status, batch.Events.Length - Rejected.Length, 0, Rejected)
            : throw Failure;
    }
}
