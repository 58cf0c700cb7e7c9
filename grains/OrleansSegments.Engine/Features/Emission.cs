namespace OrleansSegments.Engine.Features;

/// <summary>What a matching event contributes to an accumulator.</summary>
internal enum Emission : byte
{
    /// <summary>One per event.</summary>
    One,

    /// <summary>The value.</summary>
    Value,

    /// <summary>One if the event has a usable value.</summary>
    ValuePresent,

    /// <summary>One per value (or event) that the share's match accepts.</summary>
    Matching,

    /// <summary>One per value that the share's match could have accepted.</summary>
    Matchable,

    /// <summary>Cosine of the local time of day.</summary>
    Cosine,

    /// <summary>Sine of the local time of day.</summary>
    Sine,

    /// <summary>One bit out of 128 per value.</summary>
    Bits,
}
