using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>
/// Visitors of whom half sign in: all events in random order, every fifth batch twice, with kills on the way. A second silo gets each event once, in order, under the id that
/// its visitor is known by in the end. Both begin with the same model and must end with the same customers in the same segments, with the same features.
/// </summary>
/// <param name="visitors">How many; the even ones sign in.</param>
/// <param name="kills">SIGKILLs, spread evenly over the batches.</param>
/// <param name="compared">Customers whose features are compared.</param>
public sealed class VisitorRun(int visitors, int kills, int compared, int seed)
{
    private const int BatchEvents = 100;
    private const int BatchesAtOnce = 4;
    private const int Segments = 5;
    private const int ShoppersOfTheModel = 400;
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <returns>What differs; empty when all is well.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var cleanFolder = new TemporaryFolder();
        await TrainAsync(cleanFolder.Path, cancellationToken);
        foreach (string file in Directory.EnumerateFiles(cleanFolder.Path, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder.Path, Path.GetRelativePath(cleanFolder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await using RestartableSilo silo = await RestartableSilo.StartAsync(SiloLaunch.OnFolder(folder.Path));
        await using SiloProcess clean = await SiloProcess.StartAsync(cleanFolder.Path);
        using var api = new SegmentsApi(silo.Address);
        BatchedEvent[] events = [.. Enumerable.Range(0, visitors).SelectMany(visitor => EventsOf(visitor, isKnownAllAlong: false))];
        new Random(seed).Shuffle(events);
        await SendWithKillsAsync(silo, api, EventBatch.Split(events, BatchEvents), progress, cancellationToken);
        progress("the same for a silo that knows everybody from the beginning ...");
        BatchedEvent[] known = [.. Enumerable.Range(0, visitors).SelectMany(visitor => EventsOf(visitor, isKnownAllAlong: true))];
        await Parallel.ForEachAsync(
            EventBatch.Split(known, BatchEvents), Options(cancellationToken), async (batch, token) => await SendAsync(clean.Api, batch, token));
        return await CompareAsync(api, clean.Api, progress);
    }

    /// <summary>Leaves a folder with simulated shoppers and a model of them.</summary>
    private static async Task TrainAsync(string folder, CancellationToken cancellationToken)
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(folder);
        foreach (EventBatch batch in ShopperBatches.Make(seed: 5, ShoppersOfTheModel, days: 20, BatchEvents).All)
        {
            await SendAsync(silo.Api, batch, cancellationToken);
        }

        ApiAnswer training = await silo.Api.TrainAsync(Segments);
        if (training.Status != 200 || !(bool)training.Json["published"]!)
        {
            throw new InvalidOperationException($"No model was published: {training}");
        }

        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await silo.Api.QueryAsync("/v1/model/rollout"))["complete"]!);
        await silo.StopAsync();
    }

    private async Task SendWithKillsAsync(
        RestartableSilo silo, SegmentsApi api, List<EventBatch> batches, Action<string> progress, CancellationToken cancellationToken)
    {
        int sent = 0;
        var killing = new SemaphoreSlim(1);
        await Parallel.ForEachAsync(batches, Options(cancellationToken), async (batch, token) =>
        {
            int number = Interlocked.Increment(ref sent);
            if (number % (batches.Count / (kills + 1)) == 0 && number < batches.Count - 1)
            {
                await killing.WaitAsync(token);
                await silo.KillAsync();
                progress($"killed after {number:N0} of {batches.Count:N0} batches, ready after {(await silo.StartAgainAsync()).TotalSeconds:N1} s");
                killing.Release();
            }

            await SendAsync(api, batch, token);
            if (number % 5 == 0)
            {
                await SendAsync(api, batch, token);
            }
        });
    }

    private async Task<IReadOnlyList<string>> CompareAsync(SegmentsApi api, SegmentsApi clean, Action<string> progress)
    {
        var differences = new ConcurrentQueue<string>();
        (Dictionary<string, string> here, Dictionary<string, string> there) = (await CustomersAsync(api), await CustomersAsync(clean));
        foreach (string id in here.Keys.Except(there.Keys).Take(10))
        {
            differences.Enqueue($"{id} is a customer of its own.");
        }

        foreach (string id in there.Keys.Except(here.Keys).Take(10))
        {
            differences.Enqueue($"{id} is no customer.");
        }

        // Time moves customers while they are listed, so those that differ are looked at again.
        foreach (string id in here.Where(customer => there.GetValueOrDefault(customer.Key, customer.Value) != customer.Value).Select(customer => customer.Key))
        {
            (string own, string theirs) = (await SegmentAsync(api, id), await SegmentAsync(clean, id));
            if (own != theirs)
            {
                differences.Enqueue($"{id} is in {own}, in the other silo in {theirs}.");
            }
        }

        progress($"{here.Count:N0} customers in {here.Values.Distinct().Count()} segments, {there.Count:N0} in the other silo; comparing the features of {compared:N0} ...");
        int[] sample = [.. Enumerable.Range(0, visitors)];
        new Random(seed + 1).Shuffle(sample);
        Findings findings = await new FeatureComparison(api, clean).CompareAsync(sample.Take(compared).Select(KnownId));
        if (!findings.AreNone)
        {
            differences.Enqueue(findings.ToString()!);
        }

        foreach (int visitor in sample.Take(compared / 10).Where(visitor => visitor % 2 == 0))
        {
            JsonObject found = await api.QueryAsync(SegmentsApi.CustomerPath($"an-{visitor}"));
            if ((string)found["id"]! != KnownId(visitor))
            {
                differences.Enqueue($"an-{visitor} leads to {found["id"]}.");
            }
        }

        return [.. differences];
    }

    private static async Task<string> SegmentAsync(SegmentsApi api, string id) => (string)(await api.QueryAsync(SegmentsApi.CustomerPath(id)))["segment"]!["id"]!;

    /// <returns>Every customer's segment.</returns>
    private static async Task<Dictionary<string, string>> CustomersAsync(SegmentsApi api)
    {
        JsonObject segments = await api.QueryAsync("/v1/segments");
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonNode? segment in segments["segments"]!.AsArray())
        {
            foreach (string member in await api.MembersAsync((string)segment!["id"]!, 1_000))
            {
                all[member] = (string)segment["id"]!;
            }
        }

        return (long)segments["population"]! == all.Count
            ? all
            : throw new InvalidOperationException($"The population is {segments["population"]}, and {all.Count} are members of segments.");
    }

    private static async Task SendAsync(SegmentsApi api, EventBatch batch, CancellationToken token)
    {
        for (int attempt = 1; ; attempt++)
        {
            BatchAnswer answer = await api.Batches.SendAsync(batch.Body, attempt, token);
            switch (answer.Outcome)
            {
                case BatchOutcome.Accepted:
                    return;
                case BatchOutcome.Refused:
                    throw new InvalidOperationException($"{answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span)}");
                default:
                    await Task.Delay(answer.Wait, token);
                    break;
            }
        }
    }

    private static string KnownId(int visitor) => visitor % 2 == 0 ? $"user-{visitor}" : $"an-{visitor}";

    /// <summary>A page, a product and an order of a visitor; whoever signs in also says so and orders twice more.</summary>
    private static IEnumerable<BatchedEvent> EventsOf(int visitor, bool isKnownAllAlong)
    {
        string anonymous = $"an-{visitor}";
        string known = KnownId(visitor);
        string who = isKnownAllAlong ? $"\"userId\":\"{known}\"" : $"\"anonymousId\":\"{anonymous}\"";
        yield return Event("page", "\"name\":\"Home\"", who, 50);
        yield return Event("track", "\"event\":\"Product Viewed\",\"properties\":{\"category\":\"home\"}", who, 40);
        yield return Event("track", $"\"event\":\"Order Completed\",\"properties\":{{\"revenue\":{10 + (visitor % 90)}}}", who, 30);
        if (visitor % 2 != 0)
        {
            yield break;
        }

        string both = isKnownAllAlong ? who : $"\"userId\":\"{known}\",{who}";
        yield return Event("identify", $"\"traits\":{{\"age\":{20 + (visitor % 50)}}}", both, 20);
        yield return Event("track", "\"event\":\"Order Completed\",\"properties\":{\"revenue\":25}", both, 10);
        yield return Event("track", "\"event\":\"Order Completed\",\"properties\":{\"revenue\":35}", $"\"userId\":\"{known}\"", 5);

        BatchedEvent Event(string type, string fields, string ids, int minutesAgo) => new(known, Encoding.UTF8.GetBytes(
            $$"""{"type":"{{type}}",{{fields}},{{ids}},"messageId":"{{visitor}}-{{minutesAgo}}","timestamp":"{{Now.AddMinutes(-minutesAgo):O}}"}"""));
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancellationToken };
}
