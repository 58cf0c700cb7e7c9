using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

public sealed class EmbeddedCrashTests : CrashConformance
{
    // A commit is written and durable in one call of RocksDB, so there is no step between the two.
    [Theory]
    [InlineData(nameof(StoreStep.CommitChecked))]
    [InlineData(nameof(StoreStep.CommitDurable))]
    [InlineData(nameof(StoreStep.CommitApplied))]
    [InlineData(nameof(StoreStep.CommitAcknowledged))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step));

    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}
