using System.Text;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class UnmergedTests
{
    private static readonly IdHash Hash = new(new byte[16]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_generation_agrees_with_a_dictionary_through_growth(int seed)
    {
        var random = new Random(seed);
        var generation = new UnmergedGeneration(customersExpected: 0);
        var model = new Dictionary<string, (long Version, int Segment, int? Base, long? Due)>();
        for (var commit = 1; commit <= 300; commit++)
        {
            var draft = new CommitDraft();
            draft.Begin(SegmentTotals.Empty, generation);
            foreach (var number in Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(5_000)).Distinct())
            {
                Put(draft, generation, model, $"c:{number}", random);
            }

            generation.Apply(new CommittedPlace(commit, 100), draft.Content(SegmentTotals.Empty), random.Next(2) == 0 ? draft.Places : []);
        }

        Assert.Equal(model.Count, generation.Count);
        foreach (var (id, expected) in model)
        {
            Assert.True(generation.TryFind(Key(id), out var found), $"{id} is missing with seed {seed}");
            Assert.Equal(expected, (found.Version, found.SegmentId, found.BaseSegmentIdOrNull, found.DueAtMilliseconds));
        }

        Assert.False(generation.TryFind(Key("c:absent"), out _));
        var moved = generation.Moved.ToArray().Select(place => Encoding.UTF8.GetString(generation.KeyAt(place).Utf8)).ToHashSet();
        Assert.Empty(model.Where(customer => customer.Value.Base != customer.Value.Segment).Select(customer => customer.Key).Except(moved));
        AssertDue(generation, model, until: 500);
        AssertDue(generation, model, until: 100);
        AssertDue(generation, model, until: 2_000);
    }

    [Fact]
    public void A_page_of_ids_is_right_whatever_is_sorted_already()
    {
        var random = new Random(4);
        var generation = new UnmergedGeneration(customersExpected: 0);
        var ids = new SortedSet<string>(CustomerId.Order);
        for (var commit = 1; commit <= 40; commit++)
        {
            var draft = new CommitDraft();
            draft.Begin(SegmentTotals.Empty, generation);
            foreach (var id in Enumerable.Range(0, 200).Select(_ => $"c:{random.Next(100_000)}").Distinct().Where(ids.Add))
            {
                draft.Restore(Key(id), null, 1, 1, null, null);
            }

            generation.Apply(new CommittedPlace(commit, 100), draft.Content(SegmentTotals.Empty), []);
            var after = $"c:{random.Next(100_000)}";
            var until = random.Next(2) == 0 ? null : $"c:{random.Next(100_000)}";
            var limit = random.Next(1, 300);
            var expected = ids.Where(id => CustomerId.Compare(id, after) > 0 && (until is null || CustomerId.Compare(id, until) <= 0)).Take(limit);
            var found = generation.InOrder.Between(Encoding.UTF8.GetBytes(after), until is null ? null : Encoding.UTF8.GetBytes(until), limit);
            Assert.Equal(expected, found.Select(place => Encoding.UTF8.GetString(generation.KeyAt(place).Utf8)));
        }

        Assert.Equal(ids, generation.InOrder.All().Select(place => Encoding.UTF8.GetString(generation.KeyAt(place).Utf8)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sorting_by_packed_bytes_is_sorting_by_bytes(int seed)
    {
        var random = new Random(seed);
        string[] parts = ["a", "ab", "\0", "é", "\uE000", "\U0001F600", "0", "1"];
        var shared = seed == 1 ? "" : "c:\U0001F600";
        string[] ids = [.. Enumerable.Range(0, 3_000).Select(_ => shared + string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => parts[random.Next(parts.Length)]))).Distinct()];
        int[] items = [.. Enumerable.Range(0, ids.Length)];
        IdSort.Sort(items, new Ids(ids));
        Assert.Equal(ids.Order(CustomerId.Order), items.Select(item => ids[item]));
    }

    private static IdKey Key(string id)
    {
        var utf8 = Encoding.UTF8.GetBytes(id);
        return new IdKey(utf8, Hash.Of(utf8));
    }

    private static void Put(
        CommitDraft draft,
        UnmergedGeneration generation,
        Dictionary<string, (long Version, int Segment, int? Base, long? Due)> model,
        string id,
        Random random)
    {
        int? below = random.Next(3) == 0 ? null : random.Next(4);
        var (before, isKnown) = model.TryGetValue(id, out var known) ? (known, true) : (default, false);
        var next = (before.Version + 1, random.Next(4), isKnown ? before.Base : below, random.Next(4) == 0 ? null : (long?)random.Next(1_000));
        model[id] = next;
        var key = Key(id);
        var index = draft.Add(key, below is { } segment ? new CustomerVersion(1, segment) : CustomerVersion.Absent, generation.PlaceOf(key));
        draft.Customers[index].Version = next.Item1;
        draft.Customers[index].SegmentId = next.Item2;
        draft.ChangeDeadline(index, next.Item4);
    }

    private static void AssertDue(
        UnmergedGeneration generation, Dictionary<string, (long Version, int Segment, int? Base, long? Due)> model, long until)
    {
        var due = new List<(int Place, UnmergedCustomer Customer)>();
        var next = long.MaxValue;
        for (var block = 0; generation.ReadDue(block, until, due) is { } later; block++)
        {
            next = Math.Min(next, later);
        }

        Assert.Equal(
            model.Where(customer => customer.Value.Due <= until).Select(customer => customer.Key).Order(StringComparer.Ordinal),
            due.Select(found => Encoding.UTF8.GetString(generation.KeyAt(found.Place).Utf8)).Order(StringComparer.Ordinal));
        Assert.True(next <= (model.Values.Where(customer => customer.Due > until).Min(customer => customer.Due) ?? long.MaxValue));
    }

    private readonly struct Ids(string[] ids) : IIdSource
    {
        private readonly byte[][] _utf8 = [.. ids.Select(Encoding.UTF8.GetBytes)];

        public ReadOnlySpan<byte> IdOf(int item) => _utf8[item];
    }
}
