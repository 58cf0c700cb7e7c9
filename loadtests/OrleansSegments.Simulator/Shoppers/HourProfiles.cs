namespace OrleansSegments.Simulator.Shoppers;

/// <summary>Shapes of a day: 24 weights by local hour, from midnight on.</summary>
internal static class HourProfiles
{
    public static double[] WorkingDay { get; } = [0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 3, 5, 6, 6, 6, 7, 6, 5, 5, 5, 4, 3, 2, 1.5, 1, 0.6, 0.3];

    public static double[] LunchAndAfterWork { get; } = [0.3, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 2, 2, 2, 3, 6, 10, 9, 4, 3, 5, 8, 5, 3, 2, 2, 1, 0.5];

    public static double[] Evening { get; } = [1.5, 0.5, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 0.5, 0.4, 0.4, 0.5, 0.8, 0.6, 0.5, 0.6, 1, 2, 7, 10, 13, 14, 11, 5];

    public static double[] Morning { get; } = [0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 2, 5, 9, 12, 12, 9, 5, 3, 3, 2, 2, 1.5, 1, 1, 0.7, 0.4, 0.2, 0.1];

    public static double[] Afternoon { get; } = [0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 4, 6, 7, 7, 9, 10, 10, 8, 5, 3, 2, 2, 1.5, 1, 0.5];
}
