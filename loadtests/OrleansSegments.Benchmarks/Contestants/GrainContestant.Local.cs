#if !USE_ORLEANS
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>The plain way on Orleans, which this build has not.</summary>
internal static class GrainContestant
{
    public static string? Problem => "Orleans' own storage can be compared with only on Orleans; add --runtime orleans.";

    public static Task<IContestant> StartAsync(PostgresServer server) => throw new NotSupportedException($"{Problem} {server.Port}");
}
#endif
