namespace OrleansSegments.Contracts.Customers;

/// <summary>Whether the effect of a request is durable.</summary>
public enum RecordStatus : byte
{
    Durable = 1,

    /// <summary>Another activation wrote this customer; this one is gone. Call again.</summary>
    Conflict = 2,

    Overloaded = 3,

    Unavailable = 4,

    /// <summary>The facts were read with another catalogue than this silo's.</summary>
    CatalogueMismatch = 5,
}
