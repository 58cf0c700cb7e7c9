namespace OrleansSegments.LoadGenerator;

/// <summary>What one attempt to hand in a batch came to.</summary>
public enum BatchOutcome
{
    /// <summary>A success: the events are durable.</summary>
    Accepted,

    /// <summary>Sent back for now; the same batch is to be sent again after the wait.</summary>
    SentBack,

    /// <summary>Refused for good: the same batch would be refused again.</summary>
    Refused,

    /// <summary>No answer, or half of one; the batch may or may not have taken effect, so it is to be sent again.</summary>
    Unanswered,
}
