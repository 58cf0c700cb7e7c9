namespace OrleansSegments.ClientApi.Events;

/// <summary>Why one event can never be accepted.</summary>
internal sealed record EventFault(string Code, string Message);
