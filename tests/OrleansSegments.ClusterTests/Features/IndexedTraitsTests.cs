using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Silo;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using Xunit;

namespace OrleansSegments.ClusterTests.Features;

/// <summary>Other indexed traits on a store with customers.</summary>
public sealed class IndexedTraitsTests : IDisposable
{
    private const int Customers = 30;
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Other_traits_are_indexed_at_the_start_and_nothing_else_changes()
    {
        await FillAsync();
        await using var run = await OpenAsync();
        var (before, totals) = (await run.ScanAsync(), run.Customers.Totals);
        await AssertIndexedAsync(run, "email");

        await AdoptAsync(run, "phone", "email");
        await AssertIndexedAsync(run, "email", "phone");
        await AdoptAsync(run, "phone");
        await AssertIndexedAsync(run, "phone");
        await AdoptAsync(run);
        await AssertIndexedAsync(run);
        await AdoptAsync(run, "email");
        await AssertIndexedAsync(run, "email");

        Assert.Equal(totals, run.Customers.Totals);
        foreach (var (old, current) in before.Zip(await run.ScanAsync()))
        {
            Assert.Equal((old.CustomerId, old.DueAtMilliseconds), (current.CustomerId, current.DueAtMilliseconds));
            Records.AssertSame(old.Record with { Version = current.Record.Version }, current.Record);
        }
    }

    [Fact]
    public async Task A_store_from_before_the_index_is_indexed_at_its_next_start()
    {
        await FillAsync();
        await using (var run = await OpenAsync())
        {
            await AdoptAsync(run);
            var document = (await run.Control.ReadAsync("settings", "indexed-traits", CancellationToken.None))!;
            Assert.True(await run.Control.TryRemoveAsync("settings", "indexed-traits", document.Version, CancellationToken.None));
        }

        await using (var silo = await TestSilo.StartAsync(_folder, Now))
        {
            await Conservation.AssertHoldsAsync(silo);
        }

        await using var again = await OpenAsync();
        await AssertIndexedAsync(again, "email");
    }

    /// <summary>The pass makes a commit for each customer; a later start has the same traits, others, or those from before.</summary>
    [Theory]
    [InlineData(0, "phone")]
    [InlineData(7, "phone")]
    [InlineData(7, "email")]
    [InlineData(7, "name")]
    [InlineData(Customers - 1, "email")]
    public async Task A_pass_that_was_broken_off_is_finished_by_the_next_start(int commits, string next)
    {
        await FillAsync();
        await using var run = await OpenAsync();
        var left = commits;
        var broken = new UnreliableStore(run.Customers) { Refuse = _ => Interlocked.Decrement(ref left) < 0 ? CommitOutcome.Unavailable : null };
        await Assert.ThrowsAsync<StoreException>(() => AdoptAsync(new StoreOf(broken, run.Control), "phone"));

        await AdoptAsync(run, next);
        await AssertIndexedAsync(run, next);
    }

    /// <summary>In a cluster another silo that started at the same time may be serving already.</summary>
    [Fact]
    public async Task A_customer_who_changes_during_the_pass_is_looked_at_again()
    {
        await FillAsync();
        await using var run = await OpenAsync();
        var changed = new HashSet<string>();
        var raced = new UnreliableStore(run.Customers)
        {
            Refuse = change =>
            {
                if (changed.Count < 5 && changed.Add(change.CustomerId))
                {
                    _ = run.Customers.CommitAsync(change with { Traits = [] }).AsTask();
                }

                return null;
            },
        };
        await AdoptAsync(new StoreOf(raced, run.Control), "phone");
        Assert.Equal(5, changed.Count);
        await AssertIndexedAsync(run, "phone");
    }

    [Fact]
    public async Task Silos_of_one_cluster_have_the_same_traits()
    {
        await using var place = await PostgresPlace.NewAsync();
        await using var one = await place.OpenAsync(isShared: true);
        await using var other = await place.OpenAsync(isShared: true);
        await Task.WhenAll(AdoptAsync(one, "email", "phone"), AdoptAsync(other, "phone", "email"));

        var refusal = await Assert.ThrowsAsync<CommandException>(() => AdoptAsync(other, "name"));
        Assert.Contains("email, phone", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("names name. Give all silos the same names; to change them, stop all silos first", refusal.Message, StringComparison.Ordinal);
        await AdoptAsync(other, "email", "phone");
    }

    private static Task AdoptAsync(StoreRun run, params string[] names) => AdoptAsync(run.Store, names);

    private static Task AdoptAsync(IStore store, params string[] names) =>
        StoredTraitIndex.AdoptAsync(store, new TraitIndex(names), NullLogger.Instance, CancellationToken.None);

    /// <summary>Each trait of each customer has the customer's number as its value.</summary>
    private static async Task AssertIndexedAsync(StoreRun run, params string[] names)
    {
        foreach (var name in (string[])["email", "phone", "name"])
        {
            for (var number = 0; number < Customers; number++)
            {
                Assert.Equal(names.Contains(name) ? [$"c-{number}"] : [], await run.FindAsync(name, $"{name} {number}"));
            }

            Assert.Empty(await run.FindAsync(name, $"{name} of the alias"));
        }

        await run.VerifyAsync();
    }

    /// <summary>Customers with traits, customers without, and one who is no longer in the population.</summary>
    private async Task FillAsync()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        for (var number = 0; number < Customers; number++)
        {
            await silo.RouteAsync(Identify($"c-{number}", number.ToString(System.Globalization.CultureInfo.InvariantCulture), Now), RandomShopper.Order($"d-{number}", $"o-{number}", Now));
        }

        await silo.RouteAsync(Identify("alias", "of the alias", Now.AddDays(-1)));
        await silo.RouteAsync(new CustomerEvent("c-0", "alias", EventKind.Alias, null, Now.ToUnixTimeMilliseconds(), default, default, "alias"));
    }

    private static CustomerEvent Identify(string id, string value, DateTimeOffset at) => new(
        id, $"i-{id}", EventKind.Identify, null, at.ToUnixTimeMilliseconds(),
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { email = $"Email {value}", phone = $"phone {value}", name = $"name {value}" })), default);

    private async Task<StoreRun> OpenAsync() => new(
        await EmbeddedStore.OpenAsync(new EmbeddedStoreOptions { Folder = _folder.Path }, new StillTime(), NullLogger.Instance, CancellationToken.None), static () => Task.CompletedTask);

    private sealed class StoreOf(ICustomerStore customers, IControlStateStore control) : IStore
    {
        public ICustomerStore Customers => customers;

        public IControlStateStore Control => control;

        public bool HasOtherSilos => false;

        public ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
