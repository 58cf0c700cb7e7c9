namespace OrleansSegments.Contracts.Events;

/// <summary>Whether the sender may forget a batch.</summary>
public enum RouteStatus : byte
{
    /// <summary>The effect of every accepted event is in the store.</summary>
    Durable = 1,

    /// <summary>Too much is waiting for commit; part of the batch may have been taken. Send all of it again later.</summary>
    Overloaded = 2,

    /// <summary>The store cannot write at the moment; part of the batch may have been taken. Send all of it again later.</summary>
    Unavailable = 3,
}
