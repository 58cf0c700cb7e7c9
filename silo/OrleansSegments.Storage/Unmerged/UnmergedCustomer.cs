namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// What the journal has of one customer and the tables do not have yet; also what one commit leaves of one. 56 bytes without a
/// reference, so that a million of them cost the collector nothing; the state stays in the journal.
/// </summary>
internal struct UnmergedCustomer
{
    public ulong Hash;
    public long Version;
    public long DueOrZero;
    public BodyLocation Body;

    /// <summary>The segment now.</summary>
    public int SegmentId;

    /// <summary>The segment in the layer below.</summary>
    public int BaseSegmentId;

    /// <summary>Where the id begins in the bytes that come with this, and how many it has.</summary>
    public int IdStart;
    public short IdBytes;
    public CustomerMarks Marks;

    public readonly bool HasBody => (Marks & CustomerMarks.HasBody) != 0;

    public readonly int? BaseSegmentIdOrNull => (Marks & CustomerMarks.HasBase) != 0 ? BaseSegmentId : null;

    public long? DueAtMilliseconds
    {
        readonly get => (Marks & CustomerMarks.HasDue) != 0 ? DueOrZero : null;
        set
        {
            DueOrZero = value ?? 0;
            Marks = value is null ? Marks & ~CustomerMarks.HasDue : Marks | CustomerMarks.HasDue;
        }
    }

    /// <summary>Whether a table of members is wrong about this customer.</summary>
    public readonly bool HasMoved => BaseSegmentIdOrNull != SegmentId;

    /// <summary>Takes what a later commit left, except that the layer below stays the one it was and a body stays until there is a newer one.</summary>
    public void Follow(ref readonly UnmergedCustomer later)
    {
        Version = later.Version;
        SegmentId = later.SegmentId;
        DueAtMilliseconds = later.DueAtMilliseconds;
        if (later.HasBody)
        {
            Body = later.Body;
            Marks |= CustomerMarks.HasBody;
        }
    }
}
