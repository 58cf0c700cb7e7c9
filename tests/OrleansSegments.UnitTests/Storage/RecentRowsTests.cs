using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class RecentRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_returns_what_was_set_last_and_evicts_few_entries_below_its_limit(int seed)
    {
        const int Population = 20_000;
        var random = new Random(seed);
        var recent = new RecentRows(entriesMax: 100_000);
        var model = new Dictionary<string, CustomerRow>();
        for (var step = 0; step < 5 * Population; step++)
        {
            var id = $"c:{random.Next(Population)}";
            var row = new CustomerRow { Version = 1 + step, SegmentId = random.Next(-3, 9), Listed = random.NextInt64(), LastTransition = step };
            recent.Set(recent.HashOf(id), row);
            model[id] = row;
            recent.Fit(model.Count);
        }

        var missing = 0;
        foreach (var (id, row) in model)
        {
            if (recent.TryGet(recent.HashOf(id), out var found))
            {
                Assert.Equal((row.Version, row.SegmentId, row.Listed, row.LastTransition), (found.Version, found.SegmentId, found.Listed, found.LastTransition));
            }
            else
            {
                missing++;
            }
        }

        Assert.True(missing < Population / 20, $"{missing} of {model.Count} customers are forgotten (seed {seed}).");
        Assert.False(recent.TryGet(recent.HashOf("c:absent"), out _));
        recent.Clear();
        Assert.False(recent.TryGet(recent.HashOf(model.Keys.First()), out _));
    }

    [Fact]
    public void Above_its_limit_it_stays_full()
    {
        var recent = new RecentRows(entriesMax: 4_096);
        for (var number = 0; number < 50_000; number++)
        {
            recent.Set(recent.HashOf($"c:{number}"), new CustomerRow { Version = 1 });
            recent.Fit(number);
        }

        var kept = Enumerable.Range(0, 50_000).Count(number => recent.TryGet(recent.HashOf($"c:{number}"), out _));
        Assert.InRange(kept, 4_000, 4_096);
    }

    // A version beyond 32 bits must not come back truncated.
    [Fact]
    public void A_version_beyond_32_bits_is_not_cached()
    {
        var recent = new RecentRows(entriesMax: 4_096);
        var hash = recent.HashOf("c:1");
        recent.Set(hash, new CustomerRow { Version = uint.MaxValue });
        Assert.True(recent.TryGet(hash, out _));
        recent.Set(hash, new CustomerRow { Version = uint.MaxValue + 2L });
        Assert.False(recent.TryGet(hash, out _));
    }

    [Fact]
    public async Task Changes_are_checked_against_the_database_after_a_restart_and_after_forgetting()
    {
        const int Population = 6_000;
        await using (var first = await StoreRun.OpenAsync(_folder))
        {
            await first.CommitAllAsync(Enumerable.Range(0, Population).Select(number => StoreRun.Change($"c:{number}", 1, null, number % 3, due: number)));
        }

        // So little memory that a third of them must be evicted.
        await using var run = await StoreRun.OpenAsync(_folder, options => options.MemoryBytes = 1);
        for (var round = 0; round < 3; round++)
        {
            var version = round + 2;
            await run.CommitAllAsync(Enumerable.Range(0, Population).Select(number =>
                StoreRun.Change($"c:{number}", version, (number + round) % 3, (number + round + 1) % 3, due: number + version)));
            Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:17", version, (17 + round) % 3, 1));
        }

        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:17", 1, null, 1));
        Assert.Equal(4, (await run.Customers.ReadHistoryAsync("c:17", 10, CancellationToken.None)).Count);
        await run.VerifyAsync();
    }
}
