using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

public sealed class SqliteCrashTests : CrashConformance
{
    // A merge comes to the step inside its rows only when it has that many.
    private const int RowsOfAMerge = 1_100;

    // The end of a file of the journal takes more changes than are made here; the store's own crash tests come to it.
    private static readonly StoreStep[] OutOfReach = [StoreStep.JournalFileBegun, StoreStep.JournalTrimmed];

    public static TheoryData<string> Steps => [.. Enum.GetValues<StoreStep>().Except(OutOfReach).Select(step => step.ToString())];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step), crowd: step == nameof(StoreStep.MergeRowsWritten) ? RowsOfAMerge : 0);

    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
