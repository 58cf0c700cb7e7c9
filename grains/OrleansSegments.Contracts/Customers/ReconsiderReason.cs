namespace OrleansSegments.Contracts.Customers;

/// <summary>Why a customer is asked to evaluate itself without an event.</summary>
public enum ReconsiderReason : byte
{
    Time = 1,
    Model = 2,
}
