using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

public sealed class SqliteCrashTests : CrashConformance
{
    // A merge of a few customers does not come to the step inside its rows; the unit tests of the merge do.
    public static TheoryData<string> Steps => [.. Enum.GetNames<StoreStep>().Except([nameof(StoreStep.MergeRowsWritten)])];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step));

    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
