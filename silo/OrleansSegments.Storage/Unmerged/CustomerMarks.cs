namespace OrleansSegments.Storage.Unmerged;

/// <summary>Which of a customer's optional fields are there. The numbers are stored in the journal.</summary>
[Flags]
internal enum CustomerMarks : byte
{
    None = 0,

    /// <summary>The journal has a record; without it only the deadline changed and the record is in the layer below.</summary>
    HasBody = 1,

    HasDue = 2,

    /// <summary>The layer below has the customer.</summary>
    HasBase = 4,
}
