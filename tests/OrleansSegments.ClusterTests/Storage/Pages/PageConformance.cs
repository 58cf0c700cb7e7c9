using System.Text;
using OrleansSegments.ClusterTests.Storage.Places;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Pages;

public abstract class PageConformance : StoreTests
{
    // Surrogate pairs, combining marks, U+0000, right-to-left text, and ids that differ only in case or normalisation.
    private static readonly string[] Parts =
        ["a", "A", "b", "\0", "\u00E9", "e\u0301", "\u1E9E", "\u00DF", "ss", "\uD7FF", "\uE000", "\uFFFD", "\uFFFF", "\U0001F600", "\U0010FFFF", "\u05D0\u05D1", "\u202E", "\u0130", "i", "I", "\u20AC", " ", "'", "\\", "%", "\u200D"];

    private static readonly string[] Neighbours =
    [
        "c:", "c: ", "c:\0", "c:\0\0", "c:\0x", "c:0", "c:01", "c:1", "C:1", "c:a", "c:A", "c:aa", "c:\u00E4", "c:a\u0308", "c:\uFFFD", "c:\U0001F600", "c:\uE000",
        "c:\uFFFF", "c:\u05D0", "c:\u202Ea", "c:i", "c:I", "c:\u0131", "c:\u0130", "c:ss", "c:\u00DF", "x", "c:'; DROP TABLE customers; --",
        new string('\u20AC', 255), new string('z', 255), new string('\0', 255), string.Concat(Enumerable.Repeat("\U0001F600", 127)) + "x",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_unicode_id_keeps_to_itself_and_pages_follow_the_order_of_bytes(int seed)
    {
        var random = new Random(seed);
        var ids = Neighbours.Concat(Enumerable.Range(0, 400).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Parts[random.Next(Parts.Length)]))))
            .Distinct(StringComparer.Ordinal).ToArray();
        random.Shuffle(ids);
        var segmentOf = ids.Index().ToDictionary(item => item.Item, item => item.Index % 3, StringComparer.Ordinal);
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(ids.Select((id, index) => SampleChange.Of(id, 1, null, index % 3, due: index)));
            await AssertPagesAsync(run, segmentOf, random, seed);
        }

        await using var again = await Place.OpenAsync();
        await again.CommitAllAsync(ids.Where(id => segmentOf[id] == 0).Select(id => SampleChange.Of(id, 2, 0, 5)));
        await AssertPagesAsync(again, ids.ToDictionary(id => id, id => segmentOf[id] == 0 ? 5 : segmentOf[id], StringComparer.Ordinal), random, seed);
        foreach (var id in ids)
        {
            Assert.Equal(segmentOf[id] == 0 ? [5, 0] : [segmentOf[id]], (await again.HistoryAsync(id)).Select(transition => transition.ToSegmentId));
        }
    }

    [Fact]
    public async Task A_page_begins_after_any_id_whether_it_exists_or_not()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("b", 1, null, 1), SampleChange.Of("b\0", 1, null, 1), SampleChange.Of("d", 1, null, 1)]);

        foreach (var (after, expected) in new[] { ("a", "b"), ("b", "b\0"), ("b\0", "d"), ("c", "d"), ("bz", "d") })
        {
            Assert.Equal(expected, (await run.Customers.ScanAsync(after, 1, CancellationToken.None))[0].CustomerId);
            Assert.Equal(expected, (await run.Customers.ReadMembersAsync(1, after, 1, CancellationToken.None))[0]);
        }

        Assert.Empty(await run.Customers.ScanAsync("d", 1, CancellationToken.None));
        Assert.Empty(await run.Customers.ReadMembersAsync(1, "\U0010FFFF", 9, CancellationToken.None));
        Assert.Empty(await run.MembersAsync(2));
    }

    [Fact]
    public async Task Many_customers_are_read_in_the_order_asked_for_with_null_for_whoever_does_not_exist()
    {
        await using var run = await Place.OpenAsync();
        var changes = SampleChange.First(300).ToArray();
        await run.CommitAllAsync(changes);
        await run.SettleAsync();
        await run.CommitAllAsync([SampleChange.Of(changes[7].CustomerId, 2, 1, 2)]);

        string[] ids = ["c:absent", .. changes.Select(change => change.CustomerId).Reverse(), changes[3].CustomerId, "c:000007x"];
        var records = await run.Customers.ReadManyAsync(ids, CancellationToken.None);
        Assert.Equal(ids.Length, records.Count);
        Assert.Equal([0, ids.Length - 1], records.Index().Where(item => item.Item is null).Select(item => item.Index));
        for (var index = 1; index < ids.Length - 1; index++)
        {
            Assert.Equal((await run.ReadAsync(ids[index]))!.State, records[index]!.State);
        }

        Assert.Equal(2, records[293]!.Version);
        Assert.Empty(await run.Customers.ReadManyAsync([], CancellationToken.None));
    }

    [Fact]
    public async Task A_limit_below_one_is_an_error_of_the_caller()
    {
        await using var run = await Place.OpenAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.Customers.ScanAsync(null, 0, CancellationToken.None));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.Customers.ReadMembersAsync(1, null, 0, CancellationToken.None));
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1, due: 5)]);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.DueAsync(9, 0));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.HistoryAsync("c:1", 0));
    }

    [Fact]
    public async Task Paging_through_members_while_customers_move_shows_each_who_stays_exactly_once()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(Enumerable.Range(0, 400).Select(number => SampleChange.Of($"c:{number:d3}", 1, null, 1)));
        await run.SettleAsync();

        var seen = new List<string>();
        var versions = new int[400];
        while (await run.Customers.ReadMembersAsync(1, seen.LastOrDefault(), 30, CancellationToken.None) is { Count: > 0 } page)
        {
            seen.AddRange(page);

            // Every fourth customer leaves or returns between two pages, on both sides of the cursor.
            await run.CommitAllAsync(Enumerable.Range(0, 100).Select(turn =>
            {
                var number = turn * 4;
                var at = ++versions[number];
                return SampleChange.Of($"c:{number:d3}", at + 1, at % 2 == 1 ? 1 : 2, at % 2 == 1 ? 2 : 1);
            }));
            if (seen.Count % 90 == 0)
            {
                await run.SettleAsync();
            }
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        Assert.Empty(Enumerable.Range(0, 400).Where(number => number % 4 != 0).Select(number => $"c:{number:d3}").Except(seen));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(2_000)]
    public async Task Cuts_are_ids_in_the_order_of_scans_and_leave_nobody_behind_the_last(int customers)
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(Enumerable.Range(0, customers).Select(number => SampleChange.Of($"shopper-{number:d7}", 1, null, 1)));
        await run.SettleAsync();

        var cuts = await run.Customers.ReadCutsAsync(8, CancellationToken.None);

        Assert.InRange(cuts.Count, 0, 7);
        Assert.Equal(cuts.Distinct().Order(StringComparer.Ordinal), cuts);
        Assert.All(cuts, cut => Assert.InRange(int.Parse(cut["shopper-".Length..], System.Globalization.CultureInfo.InvariantCulture), 0, customers - 2));
    }

    private static async Task AssertPagesAsync(StoreRun run, Dictionary<string, int> segmentOf, Random random, int seed)
    {
        for (var look = 0; look < 2; look++)
        {
            var expected = segmentOf.Keys.OrderBy(id => id, Comparer<string>.Create(CompareBytes)).ToArray();
            var scanned = (await run.ScanAsync(random.Next(1, 40))).ToArray();
            Assert.True(expected.SequenceEqual(scanned.Select(customer => customer.CustomerId), StringComparer.Ordinal), $"The scan is not in the order of bytes (seed {seed}).");
            Assert.All(scanned, customer => Assert.Equal(segmentOf[customer.CustomerId], customer.Record.SegmentId));
            foreach (var segment in segmentOf.Values.Distinct())
            {
                Assert.True(
                    expected.Where(id => segmentOf[id] == segment).SequenceEqual(await run.MembersAsync(segment, random.Next(1, 40)), StringComparer.Ordinal),
                    $"The members of {segment} differ (seed {seed}).");
            }

            foreach (var (id, segment) in segmentOf)
            {
                Assert.Equal(segment, (await run.ReadAsync(id))!.SegmentId);
            }

            await run.SettleAsync();
        }
    }

    private static int CompareBytes(string? left, string? right) => Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!));
}

public sealed class EmbeddedPageTests : PageConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresPageTests : PageConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
