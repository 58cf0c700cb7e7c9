using OrleansSegments.Grains.Training;
using OrleansSegments.Silo.CommandLine;
#if USE_MLNET
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Silo.Hosting.MlNet;
#endif

namespace OrleansSegments.Silo.Hosting;

/// <summary>Puts the seeder that the settings name in the place of the built-in one.</summary>
internal static class SampleSeeders
{
    private const string MlNet = "mlnet";

    /// <exception cref="CommandException">This build does not have it.</exception>
    public static void AddSampleSeeder(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration[$"{TrainingScheduleOptions.Section}:{nameof(TrainingScheduleOptions.Seeder)}"] != MlNet)
        {
            return;
        }

#if USE_MLNET
        services.AddSingleton<ISampleSeeder, MlNetSeeder>();
#else
        throw new CommandException("Training:Seeder is mlnet, and this build has no ML.NET. Use the build that has it (./segments ... --ml-net), or set builtin.");
#endif
    }
}
