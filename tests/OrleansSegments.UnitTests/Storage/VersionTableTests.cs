using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Versions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class VersionTableTests
{
    [Fact]
    public void It_agrees_with_a_dictionary_through_growth()
    {
        var table = new VersionTable(1_000_000, isComplete: false);
        var model = new Dictionary<string, CustomerVersion>();
        var random = new Random(3);
        for (var turn = 0; turn < 60_000; turn++)
        {
            var id = $"c:{random.Next(20_000)}";
            model[id] = new CustomerVersion(turn + 1, random.Next(-3, 9));
            table.Set(id, model[id]);
        }

        foreach (var (id, version) in model)
        {
            Assert.True(table.TryGet(id, out var known));
            Assert.Equal(version, known);
        }

        Assert.False(table.TryGet("c:absent", out _));
    }

    [Fact]
    public void While_complete_an_unknown_customer_is_an_absent_one_and_after_forgetting_it_is_unknown()
    {
        var table = new VersionTable(1_024, isComplete: true);
        Assert.True(table.TryGet("c:absent", out var absent));
        Assert.False(absent.Exists);

        for (var number = 0; number <= 1_024; number++)
        {
            table.Set($"c:{number}", new CustomerVersion(1, 1));
        }

        Assert.False(table.TryGet("c:0", out _));
        Assert.True(table.TryGet("c:1024", out _));
    }

    [Fact]
    public void A_read_never_overwrites_a_commit_and_is_dropped_when_the_table_forgot_since_it_began()
    {
        var table = new VersionTable(1_024, isComplete: false);
        var epoch = table.Epoch;
        table.Set("c:1", new CustomerVersion(8, 1));
        table.AddRead("c:1", new CustomerVersion(7, 1), epoch);
        Assert.True(table.TryGet("c:1", out var version));
        Assert.Equal(8, version.Version);

        for (var number = 0; number <= 1_024; number++)
        {
            table.Set($"d:{number}", new CustomerVersion(1, 1));
        }

        table.AddRead("c:1", new CustomerVersion(7, 1), epoch);
        Assert.False(table.TryGet("c:1", out _));
        table.AddRead("c:1", new CustomerVersion(8, 1), table.Epoch);
        Assert.True(table.TryGet("c:1", out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sorting_by_packed_characters_is_sorting_by_bytes(int seed)
    {
        var random = new Random(seed);
        string[] parts = ["a", "ab", "\0", "é", "\uE000", "\U0001F600", "0", "1"];
        var shared = seed == 1 ? "" : "c:\U0001F600";
        string[] ids = [.. Enumerable.Range(0, 3_000).Select(_ => shared + string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => parts[random.Next(parts.Length)]))).Distinct()];
        var expected = ids.Order(CustomerId.Order).ToArray();
        OrleansSegments.Storage.Merging.IdSort.Sort(ids.AsSpan(), static id => id);
        Assert.Equal(expected, ids);
    }

    [Fact]
    public void Ids_are_ordered_as_their_utf8_bytes_are()
    {
        var random = new Random(11);
        string[] parts = ["a", "b", "\0", "é", "\uD7FF", "\uE000", "\uFFFD", "\U0001F600", "\U0010FFFF", "\u20AC"];
        var ids = Enumerable.Range(0, 400).Select(_ => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => parts[random.Next(parts.Length)]))).ToArray();
        foreach (var left in ids)
        {
            foreach (var right in ids)
            {
                var expected = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
                Assert.True(
                    Math.Sign(expected) == Math.Sign(CustomerId.Compare(left, right)), $"'{left}' against '{right}' with seed 11");
            }
        }
    }
}
