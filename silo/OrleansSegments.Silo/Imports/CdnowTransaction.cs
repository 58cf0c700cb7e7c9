namespace OrleansSegments.Silo.Imports;

/// <param name="DayMilliseconds">Midnight UTC of the day it happened on, Unix milliseconds.</param>
/// <param name="Line">The line it stands on, counted from 1.</param>
internal readonly record struct CdnowTransaction(string CustomerId, long DayMilliseconds, int Quantity, decimal Dollars, long Line)
    : IComparable<CdnowTransaction>
{
    /// <summary>By day, then customer, then place in the file: the order in which events are handed out.</summary>
    public int CompareTo(CdnowTransaction other)
    {
        var byDay = DayMilliseconds.CompareTo(other.DayMilliseconds);
        if (byDay != 0)
            return byDay;

        var byCustomer = string.CompareOrdinal(CustomerId, other.CustomerId);
        return byCustomer != 0 ? byCustomer : Line.CompareTo(other.Line);
    }
}
