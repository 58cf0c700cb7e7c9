using System.Buffers;
using System.Security.Cryptography;
using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class PlainDeterminismTests() : SimulatorDeterminismTests(story: null);

public sealed class StoryDeterminismTests() : SimulatorDeterminismTests(new Story { SaleDay = 2, InactivityDay = 4, ArrivalDay = 6 });

public abstract class SimulatorDeterminismTests(Story? story)
{
    private SimulationOptions Options { get; } = new() { Customers = 300, Days = 12, Seed = 42, LateShare = 0.1, DuplicateShare = 0.05, Story = story };

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        Assert.Equal(Lines(new SimulationPartition(Options).Events()), Lines(new SimulationPartition(Options).Events()));
    }

    [Fact]
    public void Another_seed_gives_other_bytes()
    {
        Assert.NotEqual(
            Lines(new SimulationPartition(Options).Events()),
            Lines(new SimulationPartition(Options with { Seed = 43 }).Events()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(301)]
    public void Any_partitioning_gives_the_same_events(int partitions)
    {
        string[] whole = Sorted(new SimulationPartition(Options).Events());
        string[] parts = Sorted(Enumerable.Range(0, partitions).SelectMany(part => new SimulationPartition(Options, part, partitions).Events()));
        Assert.Equal(whole, parts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(360)]
    [InlineData(1440)]
    public void Any_slice_length_gives_the_same_stream(int minutes)
    {
        SimulationOptions sliced = Options with { Customers = 60, SliceLength = TimeSpan.FromMinutes(minutes) };
        Assert.Equal(
            Lines(new SimulationPartition(Options with { Customers = 60 }).Events()),
            Lines(new SimulationPartition(sliced).Events()));
    }

    [Fact]
    public void A_day_read_alone_equals_that_day_of_the_whole_stream()
    {
        SimulatedEvent[] all = [.. new SimulationPartition(Options, 1, 3).Events()];
        var alone = new SimulationPartition(Options, 1, 3);
        for (int day = Options.Days; day >= 0; day--)
        {
            DateTimeOffset begin = Options.Start.AddDays(day);
            Assert.Equal(
                Lines(all.Where(e => e.DeliveredAt >= begin && e.DeliveredAt < begin.AddDays(1))),
                Lines(alone.Day(day)));
        }

        Assert.NotEmpty(alone.Day(Options.Days));
    }

    [Fact]
    public void Events_come_in_the_order_of_delivery_inside_their_slices()
    {
        var partition = new SimulationPartition(Options);
        DateTimeOffset last = Options.Start;
        while (partition.NextSlice() is { } slice)
        {
            foreach (SimulatedEvent simulated in slice.Events.Span)
            {
                Assert.InRange(simulated.DeliveredAt, last, slice.Until);
                Assert.True(simulated.DeliveredAt >= slice.From && simulated.DeliveredAt < slice.Until);
                last = simulated.DeliveredAt;
            }
        }
    }

    [Fact]
    public void Fewer_customers_are_a_prefix_of_more()
    {
        string[] fewer = Sorted(new SimulationPartition(Options with { Customers = 100 }).Events());
        string[] more = Sorted(new SimulationPartition(Options).Events().Where(e => e.CustomerIndex < 100));
        Assert.Equal(more, fewer);
    }

    private static string Lines(IEnumerable<SimulatedEvent> events)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new ArrayBufferWriter<byte>();
        foreach (SimulatedEvent simulated in events)
        {
            line.ResetWrittenCount();
            SegmentJson.WriteSegmentLine(simulated, line);
            hash.AppendData(line.WrittenSpan);
            hash.AppendData(BitConverter.GetBytes(simulated.DeliveredAt.UtcTicks));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string[] Sorted(IEnumerable<SimulatedEvent> events)
    {
        string[] hashes = [.. events.Select(simulated => Lines([simulated]))];
        Array.Sort(hashes, StringComparer.Ordinal);
        return hashes;
    }
}
