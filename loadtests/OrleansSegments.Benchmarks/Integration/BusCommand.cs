using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Bus;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.RabbitMq;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.Benchmarks.Integration;

/// <summary><c>bench bus</c>: from RabbitMQ to committed membership, and kills of silo and broker meanwhile.</summary>
internal static class BusCommand
{
    private const string Queue = "segments-events";
    private const double EventsPerSecondBar = 15_000;
    private const int PublishedAtOnce = 32;

    private static readonly TimeSpan DrainsWithin = TimeSpan.FromMinutes(5);

    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers", 100_000, 1_000, 10_000_000);
        var events = OptionValues.Number("--events", "Events of a window", 300_000, 1_000, 100_000_000);
        var perMessage = OptionValues.Number("--message-events", "Events of a message", 100, 1, 2_500);
        var windows = OptionValues.Number("--windows", "Windows of the measurement", 5, 1, 100);
        var kills = OptionValues.Number("--kills", "Kills while messages flow, of silo and broker in turn", 10, 0, 1_000);
        var command = new Command("bus", "From RabbitMQ to committed membership, and kills of silo and broker; five minutes.") { customers, events, perMessage, windows, kills };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(customers), parsed.GetValue(events), parsed.GetValue(perMessage), parsed.GetValue(windows), parsed.GetValue(kills)));
        return command;
    }

    private static async Task<int> RunAsync(int customers, int events, int perMessage, int windows, int kills)
    {
        if (RabbitMqServer.Unavailable is { } problem)
        {
            Console.Error.WriteLine($"error: {problem}");
            return 1;
        }

        using var folder = new TemporaryFolder();
        await using RabbitMqServer broker = await RabbitMqServer.StartAsync();
        var launch = SiloLaunch.OnFolder(folder.Path) with
        {
            Settings = new Dictionary<string, string> { ["Bus__Transport"] = "rabbitmq", ["Bus__Address"] = broker.Address.ToString() },
        };
        SiloProcess silo = await SiloProcess.StartAsync(launch);
        try
        {
            var source = new Source(customers, perMessage);
            await source.ConnectAsync(broker);
            await Condition.HoldsAsync("the queue is there", source.HasQueueAsync);

            // The first one warms up.
            List<double> rates = [], costs = [];
            for (int window = 0; window <= windows; window++)
            {
                TimeSpan before = silo.ProcessorTime;
                long start = Stopwatch.GetTimestamp();
                await source.SendAsync(events);
                await WaitForPopulationAsync(silo, source);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(window == 0 ? "warm-up" : "window")}: {events / seconds:N0} events/s"));
                if (window > 0)
                {
                    rates.Add(events / seconds);
                    costs.Add((silo.ProcessorTime - before).TotalMicroseconds / events);
                }
            }

            List<double> lost = [];
            for (int kill = 0; kill < kills; kill++)
            {
                Task sending = source.SendAsync(events / 10);
                await Condition.HoldsAsync("a third is sent", () => Task.FromResult(source.Sent * 3 > source.Wanted));
                if (kill % 2 == 0)
                {
                    await silo.KillAsync();
                    await silo.DisposeAsync();
                    silo = await SiloProcess.StartAsync(launch);
                }
                else
                {
                    await broker.KillAsync();
                    await broker.StartAgainAsync();
                }

                await sending;
                await WaitForPopulationAsync(silo, source);
                lost.Add(await source.WrongAsync(silo));
                Console.WriteLine($"  {(kill % 2 == 0 ? "silo" : "broker")} killed: {lost[^1]:N0} of {Source.Compared} customers have a wrong number of events");
            }

            return BenchReport.Write(
                "bus",
                $"A silo on RocksDB and a RabbitMQ broker in processes of their own, {customers:N0} customers, {perMessage} events a message, all on the same cores with the sender; {windows} windows of {events:N0} events.",
                [
                    new Figure("events from the first publish to the last commit", "/s", EventsPerSecondBar, false, rates),
                    new Figure("processor time of the silo per event", "us", null, true, costs),
                    .. lost.Count == 0 ? [] : new[] { new Figure($"customers with lost or doubled events after each of {kills} kills, queue empty", "customers", 0, true, lost) },
                ],
                $"bus --customers {customers} --events {events} --message-events {perMessage} --windows {windows} --kills {kills}");
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    /// <summary>Drained: nothing waits, nothing is unacknowledged, nothing was refused.</summary>
    private static async Task WaitForPopulationAsync(SiloProcess silo, Source source)
    {
        await Condition.HoldsAsync("the queue is empty", source.IsEmptyAsync, within: DrainsWithin);

        // Messages that were handed out are not in the queue; the last customer of every message is asked for.
        await Condition.HoldsAsync("the last message counts", async () => await silo.Api.EventCountAsync(source.LastCustomer) == source.LastCount, () => silo.Errors, DrainsWithin);
    }

    /// <summary>Makes messages and remembers how many events every customer has.</summary>
    private sealed class Source(int customers, int perMessage)
    {
        public const int Compared = 500;

        private readonly int[] _counts = new int[customers];
        private RabbitMqServer? _broker;
        private BrokerClient? _client;
        private int _next;
        private int _sent;

        public int Sent => Volatile.Read(ref _sent);

        public int Wanted { get; private set; }

        public string LastCustomer => Id(Math.Max(0, _next - 1) % customers);

        public int LastCount => _counts[Math.Max(0, _next - 1) % customers];

        public async Task ConnectAsync(RabbitMqServer broker) => _client = await BrokerClient.ConnectAsync((_broker = broker).Address);

        public Task<bool> HasQueueAsync() => _client!.HasQueueAsync(Queue);

        public async Task<bool> IsEmptyAsync()
        {
            await using BrokerClient client = await BrokerClient.ConnectAsync(_broker!.Address);
            return await client.CountAsync(Queue) == 0;
        }

        /// <summary>Completes when the broker has confirmed all; what is not confirmed is sent again.</summary>
        public async Task SendAsync(int events)
        {
            (Wanted, _sent) = (events / perMessage, 0);
            using var slots = new SemaphoreSlim(PublishedAtOnce);
            var all = new List<Task>(Wanted);
            for (int message = 0; message < Wanted; message++)
            {
                await slots.WaitAsync();
                all.Add(PublishAsync(Message(), slots));
            }

            await Task.WhenAll(all);
        }

        public async Task<int> WrongAsync(SiloProcess silo)
        {
            int wrong = 0;
            int step = Math.Max(1, customers / Compared);
            for (int customer = 0; customer < customers; customer += step)
            {
                wrong += await silo.Api.EventCountAsync(Id(customer)) == _counts[customer] ? 0 : 1;
            }

            return wrong;
        }

        private async Task PublishAsync(byte[] body, SemaphoreSlim slots)
        {
            try
            {
                await Condition.HoldsAsync("the broker confirms", async () =>
                {
                    BrokerClient? client = _client;
                    try
                    {
                        await client!.PublishAsync(Queue, body);
                        return true;
                    }
                    catch (Exception problem) when (problem is not OutOfMemoryException)
                    {
                        await ReconnectAsync(client!);
                        return false;
                    }
                });
                Interlocked.Increment(ref _sent);
            }
            finally
            {
                slots.Release();
            }
        }

        private async Task ReconnectAsync(BrokerClient old)
        {
            try
            {
                BrokerClient made = await BrokerClient.ConnectAsync(_broker!.Address);
                if (Interlocked.CompareExchange(ref _client, made, old) != old)
                {
                    await made.DisposeAsync();
                }
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)
            {
                // The broker is not back yet; the next attempt connects.
            }
        }

        private byte[] Message()
        {
            var text = new StringBuilder("{\"batch\":[");
            for (int i = 0; i < perMessage; i++)
            {
                int number = _next++;
                _counts[number % customers]++;
                text.Append(CultureInfo.InvariantCulture, $$"""{{(i == 0 ? "" : ",")}}{"type":"track","event":"Order Completed","userId":"{{Id(number % customers)}}","messageId":"m{{number}}","properties":{"revenue":12.5,"products":[{"product_id":"p{{number % 97}}","quantity":1,"price":12.5}]} }""");
            }

            return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
        }

        private static string Id(int customer) => string.Create(CultureInfo.InvariantCulture, $"customer-{customer}");
    }
}
