namespace OrleansSegments.Engine.Features;

/// <summary>How a fact enters its cell. Each is commutative and associative, which is what makes order irrelevant.</summary>
internal enum CellOp : byte
{
    /// <summary>Adds, after decay to the reference time.</summary>
    Sum,

    /// <summary>Unites bits.</summary>
    Or,

    /// <summary>Keeps the newest time.</summary>
    Newest,

    /// <summary>Keeps the oldest time.</summary>
    Oldest,

    /// <summary>Value of the newest event; its time is in the next cell; of equal times the larger value stays.</summary>
    Last,

    /// <summary>Value of the oldest event; its time is in the next cell; of equal times the larger value stays.</summary>
    First,

    /// <summary>The time that belongs to the cell before.</summary>
    TimeOfPrevious,
}
