using System.Diagnostics;
using System.Globalization;
using OrleansSegments.Storage;

namespace OrleansSegments.Benchmarks.Commits;

/// <summary>A store of many customers without a silo before it: created, changed at a rate, changed as fast as it goes, closed, opened again.</summary>
internal static class CommitsCommand
{
    /// <param name="args">Customers, uniform or zipf, seconds of each phase, changes a second, bytes of a state, light or whole, sqlite or postgresql, its commit lanes.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        int customers = Number(args, 0, 1_000_000);
        bool isZipf = args.ElementAtOrDefault(1) == "zipf";
        var duration = TimeSpan.FromSeconds(Number(args, 2, 30));
        int rate = Number(args, 3, 75_000);
        bool isLight = args.ElementAtOrDefault(5) == "light";
        await using CommitsPlace place = args.ElementAtOrDefault(6) == "postgresql" ? await CommitsPlace.ServerAsync(Number(args, 7, 2)) : CommitsPlace.Folder();
        await using (IStore store = await place.OpenAsync())
        {
            var load = new StoreLoad(store.Customers, customers, Number(args, 4, 500), isZipf, isLight);
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

        ThreadTimes before = ThreadTimes.Read();
        long startedAt = Stopwatch.GetTimestamp();
        await using IStore again = await place.OpenAsync();
        Console.WriteLine(
            $"opened in {Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds:N0} ms, of which {(ThreadTimes.Read().TotalNanoseconds - before.TotalNanoseconds) / 1e6:N0} ms of processors,"
            + $" with {again.Customers.Health.ChangesUnmerged:N0} customers unmerged");
        IReadOnlyList<string> differences = await again.VerifyAsync(CancellationToken.None);
        Console.WriteLine(differences.Count == 0 ? "totals and rows agree" : string.Join(' ', differences));
        return differences.Count == 0 ? 0 : 1;
    }

    private static int Number(string[] args, int index, int otherwise) =>
        args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;
}
