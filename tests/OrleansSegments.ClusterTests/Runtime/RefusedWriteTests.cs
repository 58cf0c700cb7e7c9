using System.Text.Json;
using Orleans.Storage;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Storage.Control;
using Xunit;

namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>A grain whose state the store refused must not answer with that state.</summary>
public sealed class RefusedWriteTests : IDisposable
{
    private static readonly DateTimeOffset At = TrainedPopulation.End;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_refused_write_ends_the_activation_and_the_next_call_reads_the_store()
    {
        await using var silo = await TestSilo.StartAsync(_folder, At);
        var segment = silo.Grains.GetGrain<ISegmentGrain>(7);
        await segment.Observe(10, At);
        await OvertakeAsync(silo.Service<IControlStateStore>(), new SizeSample(At.AddDays(1), 20));

        await Assert.ThrowsAsync<InconsistentStateException>(async () => await segment.Observe(30, At.AddDays(2)));

        Assert.Equal([20], (await segment.History()).Select(sample => sample.Size));
        await segment.Observe(40, At.AddDays(3));
        Assert.Equal([20, 40], (await segment.History()).Select(sample => sample.Size));
    }

    /// <summary>Writes the segment's state like another activation would.</summary>
    private static async Task OvertakeAsync(IControlStateStore documents, SizeSample sample)
    {
        var stored = await documents.ReadAsync("grain-state", "segment/7", CancellationToken.None);
        var overtaking = JsonSerializer.SerializeToUtf8Bytes(new SegmentGrainState { Sizes = [sample] });
        Assert.True(await documents.TryWriteAsync("grain-state", "segment/7", stored!.Version, overtaking, CancellationToken.None));
    }
}
