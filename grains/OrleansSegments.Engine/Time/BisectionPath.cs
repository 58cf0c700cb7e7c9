namespace OrleansSegments.Engine.Time;

/// <summary>Chooses the minutes that are worth computing together.</summary>
internal static class BisectionPath
{
    /// <summary>Fills the places with the steps of a bisection of (low, high) that ends at the guess; then, if places are left, with the minutes
    /// around it, where the bisection goes if the guess is a little wrong.</summary>
    public static void Plan(long low, long high, double guess, Span<double> minutes)
    {
        var (first, last) = (low + 1, high - 1);
        var count = 0;
        while (count < minutes.Length && high - low > 1)
        {
            var middle = (low + high) / 2;
            minutes[count++] = middle;
            (low, high) = middle < guess ? (middle, high) : (low, middle);
        }

        for (var distance = 1; count < minutes.Length; distance++)
        {
            minutes[count++] = Math.Max(first, high - distance);
            if (count < minutes.Length)
            {
                minutes[count++] = Math.Min(last, low + distance);
            }
        }
    }
}
