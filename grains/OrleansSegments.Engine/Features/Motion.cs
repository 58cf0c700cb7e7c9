namespace OrleansSegments.Engine.Features;

/// <summary>How a feature moves with time t, measured from the newest event, while no event comes; f is 2^-(t / half-life).</summary>
internal enum Motion : byte
{
    /// <summary>a f.</summary>
    Decay,

    /// <summary>(a f + k m) / (b f + k), with the prior's weight k and mean m.</summary>
    Quotient,

    /// <summary>The days that had passed at the newest event, and t.</summary>
    Age,

    /// <summary>Not at all, but for the account's age where that stands in.</summary>
    None,
}
