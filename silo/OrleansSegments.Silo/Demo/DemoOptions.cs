using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Silo.Demo;

/// <summary>What to demonstrate.</summary>
internal sealed record DemoOptions(int Customers, TimeSpan Duration, ulong Seed, StoreArguments Store, string Urls, bool Exit, bool AsJson)
{
    /// <summary>Simulated days before the measured simulation, so that there is something to learn from.</summary>
    public const int HistoryDays = 21;

    /// <summary>Simulated days between trainings.</summary>
    public const int TrainingDays = 7;
}
