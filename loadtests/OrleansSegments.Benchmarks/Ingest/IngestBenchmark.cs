using System.Globalization;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Ingest;

/// <summary>Durable events per second from the router on, many customers, uniform or Zipf.</summary>
internal static class IngestBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        int customers = int.Parse(args.ElementAtOrDefault(0) ?? "1000000", CultureInfo.InvariantCulture);
        bool isZipf = args.ElementAtOrDefault(1) == "zipf";
        int seconds = int.Parse(args.ElementAtOrDefault(2) ?? "10", CultureInfo.InvariantCulture);
        int windows = int.Parse(args.ElementAtOrDefault(3) ?? "3", CultureInfo.InvariantCulture);
        int batch = int.Parse(args.ElementAtOrDefault(4) ?? "2000", CultureInfo.InvariantCulture);
        int underWay = int.Parse(args.ElementAtOrDefault(5) ?? "16", CultureInfo.InvariantCulture);
        string folder = Directory.CreateTempSubdirectory("segments-ingest-").FullName;
        try
        {
            var settings = new SiloSettings(
                StoreArguments.InFolder(folder), Urls: null, ReplayFrom: new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), ScheduledTraining: false, IsQuiet: true);
            await using SiloHost host = await SiloHost.StartAsync(settings, CancellationToken.None);
            var run = new IngestRun(host, new IngestEvents(customers, isZipf, seed: 20260), batch, underWay);
            await run.PrepareAsync(int.Parse(args.ElementAtOrDefault(6) ?? "3", CultureInfo.InvariantCulture));
            for (int window = 0; window < windows; window++)
            {
                Console.WriteLine(await run.MeasureAsync(TimeSpan.FromSeconds(seconds)));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
