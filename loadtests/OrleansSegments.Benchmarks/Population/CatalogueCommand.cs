using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansSegments.Benchmarks.Contestants;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Features;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// <c>bench catalogue</c>: a start with a changed features.json on a store with customers and a model; how long until the silo answers, until
/// the carried model has reached everybody, and until a model is trained under the new features.
/// </summary>
internal static class CatalogueCommand
{
    private const int Rounds = 3;
    private const int BatchEvents = 2_000;
    private const int BatchesUnderWay = 16;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers with a state under the old features", 100_000, 1_000, 50_000_000);
        var command = new Command("catalogue", "Measure a start with a changed features.json; a minute for 100,000 customers.") { customers };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = Directory.CreateTempSubdirectory("segments-catalogue-").FullName;
            try
            {
                return await MeasureAsync(folder, parsed.GetValue(customers), cancellationToken);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task<int> MeasureAsync(string folder, int customers, CancellationToken cancellationToken)
    {
        IngestEvents events = IngestEvents.Uniform(customers);
        string store = Path.Combine(folder, "store");
        SiloHost before = await StartAsync(store, Beginning, featuresFile: null, cancellationToken);
        await new IngestRun(before, events, BatchEvents, BatchesUnderWay).PrepareAsync(Rounds, cancellationToken);
        DateTimeOffset now = before.Clock.GetUtcNow();
        int version = (await Model(before).Current()).Version;
        await SiloEnd.StopAsync(before);

        string file = Path.Combine(folder, "features.json");
        File.WriteAllText(file, Changed());
        long startedAt = Stopwatch.GetTimestamp();
        await using SiloHost after = await StartAsync(store, now, file, cancellationToken);
        double started = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        await after.Grains.GetGrain<ICustomerGrain>(CustomerKey.Of(events.IdOf(0))).View();
        double answered = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        ModelSummary trained = await WaitForTrainingAsync(after, version + 1, cancellationToken);
        double published = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        await after.WaitForRolloutAsync((await Model(after).Current()).Version, cancellationToken);
        double reached = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        Console.WriteLine($"  model {trained.Version}, published: {trained.Published}. {trained.Reason}");
        return BenchReport.Write(
            "catalogue",
            $"{customers:N0} customers on the embedded store; one feature added, one changed, one removed; all times from the beginning of the start.",
            [
                new Figure("silo started", "s", null, true, [started]),
                new Figure("first customer answered", "s", null, true, [answered]),
                new Figure("model trained under the new features", "s", 60, true, [published]),
                new Figure("everybody evaluated under it", "s", 60, true, [reached]),
            ],
            $"catalogue --customers {customers}");
    }

    /// <summary>The first model that was trained after the carried one, published or refused.</summary>
    private static async Task<ModelSummary> WaitForTrainingAsync(SiloHost host, int carriedVersion, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if ((await Model(host).List()).FirstOrDefault(model => model.Version > carriedVersion) is { } trained)
            {
                return trained;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static string Changed()
    {
        JsonNode catalogue = JsonNode.Parse(FeatureCatalogue.DefaultJson())!;
        JsonArray features = catalogue["features"]!.AsArray();
        JsonNode Find(string name) => features.Single(feature => (string?)feature!["name"] == name)!;
        JsonNode added = Find("searches_30d").DeepClone();
        (added["name"], added["halfLifeDays"]) = ("searches_7d", 7);
        features.Add(added);
        Find("pages_30d")["halfLifeDays"] = 20;
        features.Remove(Find("wishlist_adds_90d"));
        return catalogue.ToJsonString();
    }

    private static IModelGrain Model(SiloHost host) => host.Grains.GetGrain<IModelGrain>(0);

    private static Task<SiloHost> StartAsync(string folder, DateTimeOffset at, string? featuresFile, CancellationToken cancellationToken) => SiloHost.StartAsync(
        new SiloSettings(StoreArguments.InFolder(folder), Urls: null, featuresFile, ReplayFrom: at, ScheduledTraining: false, IsQuiet: true), cancellationToken);
}
