using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>
/// <c>bench commits</c>: a store without a silo: creates many customers, changes them at a fixed rate and at full speed, closes and reopens
/// the store.
/// </summary>
internal static class CommitsCommand
{
    private const string Uniform = "uniform";
    private const string Zipf = "zipf";
    private const string Whole = "whole";
    private const string Light = "light";
    private const string Embedded = "embedded";
    private const string Postgresql = "postgresql";
    private const int PageCustomers = 1_000;

    public static Command Create()
    {
        Option<int> customers = OptionValues.Number("--customers", "Customers, all of whom are created first", 1_000_000, 1_000, 50_000_000);
        Option<string?> keys = OptionValues.Choice("--keys", "How the changed customers are drawn. Default: uniform.", $"{Uniform}|{Zipf}", Uniform, Zipf);
        Option<int> seconds = OptionValues.Number("--seconds", "Length of each phase", 30, 1, 3_600);
        Option<int> rate = OptionValues.Number("--rate", "Changes per second in the phase with a fixed rate", 75_000, 1, 10_000_000);
        Option<int> bytes = OptionValues.Number("--state-bytes", "Bytes of a state", 500, 16, 100_000);
        Option<string?> changes = OptionValues.Choice("--changes", "Whether changes include transitions and message ids. Default: whole.", $"{Whole}|{Light}", Whole, Light);
        Option<string?> store = OptionValues.Choice("--store", "Default: embedded.", $"{Embedded}|{Postgresql}", Embedded, Postgresql);
        Option<int> lanes = OptionValues.Number("--lanes", "Commit lanes on PostgreSQL", 2, 1, 16);
        var command = new Command("commits", "One store without a silo: create, change at a fixed rate and at full speed, reopen; two minutes.")
        {
            customers, keys, seconds, rate, bytes, changes, store, lanes,
        };
        command.SetAction(async (parsed, _) =>
        {
            await using CommitsPlace place = parsed.GetValue(store) == Postgresql ? await CommitsPlace.ServerAsync(parsed.GetValue(lanes)) : CommitsPlace.Folder();
            await using (IStore opened = await place.OpenAsync())
            {
                var load = new StoreLoad(
                    opened.Customers, parsed.GetValue(customers), parsed.GetValue(bytes), parsed.GetValue(keys) == Zipf, parsed.GetValue(changes) == Light);
                Change(load, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rate));
            }

            return await OpenAgainAsync(place);
        });
        return command;
    }

    private static void Change(StoreLoad load, TimeSpan duration, int rate)
    {
        var work = new Thread(() =>
        {
            Console.WriteLine(load.Create());
            Console.WriteLine(load.Change("warm up", duration / 2, rate: 0));
            Console.WriteLine(load.Change("at a rate", duration, rate));
            Console.WriteLine(load.Change("at most", duration, rate: 0));
        })
        {
            Name = "load",
        };
        work.Start();
        work.Join();
    }

    private static async Task<int> OpenAgainAsync(CommitsPlace place)
    {
        ThreadTimes before = ThreadTimes.Read();
        long startedAt = Stopwatch.GetTimestamp();
        await using IStore again = await place.OpenAsync();
        Console.WriteLine(
            $"opened in {Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds:N0} ms, of which {(ThreadTimes.Read().TotalNanoseconds - before.TotalNanoseconds) / 1e6:N0} ms of processors");
        await ReadAndListAsync(again.Customers);
        IReadOnlyList<string> differences = await again.VerifyAsync(CancellationToken.None);
        Console.WriteLine(differences.Count == 0 ? "totals and rows agree" : string.Join(' ', differences));
        return differences.Count == 0 ? 0 : 1;
    }

    /// <summary>The store's part of a roll-out: reads everybody in order and by id, and writes new deadlines for everybody.</summary>
    private static async Task ReadAndListAsync(ICustomerStore store)
    {
        var updates = new List<DeadlineUpdate>();
        long startedAt = Stopwatch.GetTimestamp();
        while (await store.ScanAsync(updates.LastOrDefault().CustomerId, PageCustomers, CancellationToken.None) is { Count: > 0 } page)
        {
            updates.AddRange(page.Select(customer => new DeadlineUpdate(customer.CustomerId, customer.Record.Version, long.MaxValue / 2)));
        }

        Console.WriteLine($"scanned          {updates.Count / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:N0} customers/s");
        startedAt = Stopwatch.GetTimestamp();
        foreach (string[] ids in updates.Select(update => update.CustomerId).Chunk(PageCustomers))
        {
            await store.ReadManyAsync(ids, CancellationToken.None);
        }

        Console.WriteLine($"read many        {updates.Count / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:N0} customers/s");
        startedAt = Stopwatch.GetTimestamp();
        await store.UpdateDeadlinesAsync(updates, CancellationToken.None);
        Console.WriteLine($"new deadlines    {updates.Count / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:N0} customers/s");
    }
}

/// <summary>The location of the measured store, deleted afterwards.</summary>
internal sealed class CommitsPlace : IAsyncDisposable
{
    private readonly Func<Task<IStore>> _open;
    private readonly Func<ValueTask> _cleanUp;

    private CommitsPlace(Func<Task<IStore>> open, Func<ValueTask> cleanUp) => (_open, _cleanUp) = (open, cleanUp);

    /// <summary>The embedded store in a temporary folder.</summary>
    public static CommitsPlace Folder()
    {
        string folder = Directory.CreateTempSubdirectory("segments-load-").FullName;
        var options = new EmbeddedStoreOptions { Folder = folder };
        return new(
            async () => await EmbeddedStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None),
            () =>
            {
                Directory.Delete(folder, recursive: true);
                return ValueTask.CompletedTask;
            });
    }

    /// <summary>The PostgreSQL store on a private server.</summary>
    public static async Task<CommitsPlace> ServerAsync(int lanes)
    {
        PostgresServer server = await PostgresServer.StartAsync(TunedServer.Options());
        var options = new PostgresStoreOptions { ConnectionString = server.ConnectionString(), CommitLanes = lanes };
        return new(
            async () => await PostgresStore.OpenAsync(options, cluster: null, TimeProvider.System, NullLogger.Instance, CancellationToken.None),
            server.DisposeAsync);
    }

    public Task<IStore> OpenAsync() => _open();

    public ValueTask DisposeAsync() => _cleanUp();
}

/// <summary>Processor time of this process by thread name, from Linux's /proc; empty on other systems.</summary>
internal sealed class ThreadTimes
{
    private const string Tasks = "/proc/self/task";

    private readonly Dictionary<string, long> _nanosecondsByThread = [];

    private ThreadTimes()
    {
    }

    public long TotalNanoseconds => _nanosecondsByThread.Values.Sum();

    public static ThreadTimes Read()
    {
        var times = new ThreadTimes();
        foreach (string task in Directory.Exists(Tasks) ? Directory.GetDirectories(Tasks) : [])
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
                string spent = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0];
                times._nanosecondsByThread[name] =
                    times._nanosecondsByThread.GetValueOrDefault(name) + long.Parse(spent, CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread ended during the read.
            }
        }

        return times;
    }

    /// <summary>Processor time since then, in microseconds per change, the most expensive threads first.</summary>
    public string Since(ThreadTimes before, long changes) => string.Join(", ", _nanosecondsByThread
        .Select(spent => (spent.Key, Each: (spent.Value - before._nanosecondsByThread.GetValueOrDefault(spent.Key)) / 1e3 / changes))
        .Where(spent => spent.Each >= 0.01)
        .OrderByDescending(spent => spent.Each)
        .Select(spent => string.Create(CultureInfo.InvariantCulture, $"{spent.Key} {spent.Each:F2}")));
}
