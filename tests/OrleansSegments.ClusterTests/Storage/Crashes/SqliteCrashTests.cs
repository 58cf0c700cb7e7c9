using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

public sealed class SqliteCrashTests : CrashConformance
{
    // A merge comes to the step inside its rows only when it has that many.
    private const int RowsOfAMerge = 1_100;

    public static TheoryData<string> Steps => [.. Enum.GetNames<StoreStep>()];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step), crowd: step == nameof(StoreStep.MergeRowsWritten) ? RowsOfAMerge : 0);

    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
