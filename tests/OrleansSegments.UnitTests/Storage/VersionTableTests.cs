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
            table.Set(Hash(id), model[id]);
        }

        foreach (var (id, version) in model)
        {
            Assert.True(table.TryGet(Hash(id), out var known));
            Assert.Equal(version, known);
        }

        Assert.False(table.TryGet(Hash("c:absent"), out _));
    }

    [Fact]
    public void While_complete_an_unknown_customer_is_an_absent_one_and_after_forgetting_it_is_unknown()
    {
        var table = new VersionTable(1_024, isComplete: true);
        Assert.True(table.TryGet(Hash("c:absent"), out var absent));
        Assert.False(absent.Exists);

        for (var number = 0; number <= 1_024; number++)
        {
            table.Set(Hash($"c:{number}"), new CustomerVersion(1, 1));
        }

        Assert.False(table.TryGet(Hash("c:0"), out _));
        Assert.True(table.TryGet(Hash("c:1024"), out _));
    }

    [Fact]
    public void A_read_never_overwrites_a_commit_and_is_dropped_when_the_table_forgot_since_it_began()
    {
        var table = new VersionTable(1_024, isComplete: false);
        var epoch = table.Epoch;
        table.Set(Hash("c:1"), new CustomerVersion(8, 1));
        table.AddRead(Hash("c:1"), new CustomerVersion(7, 1), epoch);
        Assert.True(table.TryGet(Hash("c:1"), out var version));
        Assert.Equal(8, version.Version);

        for (var number = 0; number <= 1_024; number++)
        {
            table.Set(Hash($"d:{number}"), new CustomerVersion(1, 1));
        }

        table.AddRead(Hash("c:1"), new CustomerVersion(7, 1), epoch);
        Assert.False(table.TryGet(Hash("c:1"), out _));
        table.AddRead(Hash("c:1"), new CustomerVersion(8, 1), table.Epoch);
        Assert.True(table.TryGet(Hash("c:1"), out _));
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

    private static ulong Hash(string id) => new IdHash(new byte[16]).Of(Encoding.UTF8.GetBytes(id));
}
