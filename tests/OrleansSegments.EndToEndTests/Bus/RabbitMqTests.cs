using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Bus;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.RabbitMq;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Bus;

/// <summary>Events through a real RabbitMQ into a real silo, and changes back. Every test has a broker and a silo of its own, because it kills them.</summary>
public sealed class RabbitMqTests : IAsyncLifetime
{
    private const string Queue = "segments-events";
    private const string Errors = Queue + "_error";
    private const string Changes = "OrleansSegments.Bus:CustomerSegmentChanged";

    private readonly TemporaryFolder _folder = new();
    private RabbitMqServer _broker = null!;
    private SiloProcess _silo = null!;
    private BrokerClient? _producer;
    private long _counted;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RabbitMqServer.Unavailable is not null, RabbitMqServer.Unavailable ?? "");
        _broker = await RabbitMqServer.StartAsync();
        _silo = await StartSiloAsync();
        await WaitForQueueAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
            await _broker.DisposeAsync();
        }

        if (_producer is not null)
        {
            await _producer.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Events_count_in_every_form_that_a_producer_may_send()
    {
        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        string batch = $$"""{"batch":[{{Order("batched", "a")}},{{Order("batched", "b")}}]}""";
        await client.PublishAsync(Queue, Order("single", "a"));
        await client.PublishAsync(Queue, batch, contentType: null);
        await client.PublishAsync(Queue, $$"""{"messageId":"1","messageType":["urn:message:Shop:Events"],"message":{{batch.Replace("batched", "wrapped", StringComparison.Ordinal)}} }""", "application/vnd.masstransit+json");
        await client.PublishAsync(Queue, $$"""{"somethingNewer":1,"batch":[{{Order("newer", "a")}}],"version":7}""", "text/plain");

        await CountsAsync("single", 1);
        await CountsAsync("batched", 2);
        await CountsAsync("wrapped", 2);
        await CountsAsync("newer", 1);
        await IsDrainedAsync(client);
    }

    /// <summary>MassTransit/MassTransit #3373 and #3542: one failure took its neighbours along, and the first message never reached the error queue.</summary>
    [Fact]
    public async Task A_poisoned_message_goes_to_the_error_queue_with_its_reason_and_without_its_neighbours()
    {
        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        string[] messages = [.. Enumerable.Range(1, 10).Select(n => n switch
        {
            1 => """{"type":"track","event":"Order Completed","messageId":"poison"}""",
            5 => """{"type":"track","userId":""",
            _ => Order($"neighbour-{n}", "m"),
        })];
        for (int round = 0; round < 2; round++)
        {
            await Task.WhenAll(messages.Select(message => client.PublishAsync(Queue, message)));
            for (int n = 2; n <= 10; n++)
            {
                await CountsAsync($"neighbour-{n}", n == 5 ? 0 : 1);
            }

            await Condition.HoldsAsync("the two are in the error queue", async () => await ErrorsAsync(client) == 2);
            List<(string Body, Dictionary<string, string> Headers)> errors = await client.TakeAllAsync(Errors);
            Assert.Equal([messages[0], messages[4]], errors.Select(x => x.Body).OrderDescending(StringComparer.Ordinal).OrderByDescending(x => x.Length));
            Assert.Contains(errors, x => x.Headers["MT-Fault-Message"].Contains("missing_user_id", StringComparison.Ordinal));
            Assert.All(errors, x => Assert.True(x.Headers["MT-Fault-Message"].Length > 0));
            await IsDrainedAsync(client);
        }

        // The second round changed nothing: eight duplicates.
        string metrics = (await _silo.Api.GetAsync("/metrics")).Text;
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("segments_api_events_duplicate_total", StringComparison.Ordinal) && line.Contains(" 8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_message_with_a_bad_event_the_good_ones_count()
    {
        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        await client.PublishAsync(Queue, $$"""{"batch":[{"type":"order"},{{Order("good", "a")}}]}""");
        await CountsAsync("good", 1);
        await Condition.HoldsAsync("it is in the error queue", async () => await ErrorsAsync(client) == 1);
        string reason = (await client.TakeAllAsync(Errors))[0].Headers["MT-Fault-Message"];
        Assert.StartsWith("Event 0: invalid_type.", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kills_of_silo_and_broker_lose_nothing_and_count_nothing_twice()
    {
        const int messages = 600;
        const int customers = 50;
        for (int n = 0; n < messages; n++)
        {
            // What was confirmed is on the broker's disk; what was not is sent again, with the same ids.
            string body = $$"""{"batch":[{{Order($"c{n % customers}", $"m{n}")}},{{Order($"c{(n + 1) % customers}", $"x{n}")}}]}""";
            await PublishUntilConfirmedAsync(body);
            if (n == messages / 3)
            {
                await _silo.KillAsync();
                await _silo.DisposeAsync();
                _silo = await StartSiloAsync();
            }
            else if (n == messages * 2 / 3)
            {
                await _broker.KillAsync();
                await _broker.StartAgainAsync();
            }
        }

        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        await IsDrainedAsync(client);
        for (int c = 0; c < customers; c++)
        {
            await CountsAsync($"c{c}", 2 * messages / customers);
        }

        Assert.Equal(0u, await ErrorsAsync(client));
    }

    [Fact]
    public async Task Every_change_is_published_once_or_more_and_in_order_although_silo_and_broker_are_killed()
    {
        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        var heard = new ConcurrentQueue<string>();
        await client.ListenAsync(Changes, "listener", heard.Enqueue);
        await MakeChangesAsync("before");
        await HearsAsync(heard);
        await _broker.KillAsync();
        await MakeChangesAsync("while-the-broker-is-down");
        await _broker.StartAgainAsync();
        await HearsAsync(heard);

        // The silo dies with changes that it could not publish; otherwise they would be out before the kill.
        await _broker.KillAsync();
        await MakeChangesAsync("before-the-silo-is-killed");
        await _silo.KillAsync();
        await _silo.DisposeAsync();
        await _broker.StartAgainAsync();
        _silo = await StartSiloAsync();
        await HearsAsync(heard);

        JsonObject[] messages = [.. heard.Select(text => (JsonObject)JsonNode.Parse(text)!["message"]!)];
        foreach (IGrouping<string, JsonObject> customer in messages.GroupBy(x => (string)x["customerId"]!))
        {
            // A repeat begins anew at an earlier one; without repeats the sequences ascend.
            long[] first = [.. customer.Select(x => (long)x["sequence"]!).Distinct()];
            Assert.Equal(first.Order(), first);
        }
    }

    [Fact]
    public async Task Without_its_broker_a_silo_serves_and_says_what_is_missing()
    {
        await _broker.KillAsync();
        Assert.Equal(200, (await _silo.Api.PostEventsAsync("/v1/batch", $$"""{"batch":[{{Order("by-http", "a")}}]}""")).Status);
        await Condition.HoldsAsync("readiness names the bus", async () => (await _silo.Api.GetAsync("/health/ready")) is { Status: 200 } answer && answer.Json["reasons"]!.AsArray().Count == 1);
        await _broker.StartAgainAsync();
        await Condition.HoldsAsync("readiness has no reasons any more", async () => (await _silo.Api.GetAsync("/health/ready")).Json["reasons"]!.AsArray().Count == 0);
    }

    private static string Order(string customer, string message) =>
        $$"""{"type":"track","event":"Order Completed","userId":"{{customer}}","messageId":"{{customer}}-{{message}}","properties":{"revenue":12.5} }""";

    private Task<SiloProcess> StartSiloAsync() => SiloProcess.StartAsync(SiloLaunch.OnFolder(_folder.Path) with
    {
        Settings = new Dictionary<string, string> { ["Bus__Transport"] = "rabbitmq", ["Bus__Address"] = _broker.Address.ToString() },
    });

    private async Task WaitForQueueAsync()
    {
        await using BrokerClient client = await BrokerClient.ConnectAsync(_broker.Address);
        await Condition.HoldsAsync("the silo has made its queue and publishes", async () =>
            await client.HasQueueAsync(Queue) && (await _silo.Api.GetAsync("/v1/admin/bus", SegmentsApi.AdminKey)) is { Status: 200 } answer && answer.Json["problem"] is null);
    }

    private Task CountsAsync(string customer, long events) => Condition.HoldsAsync(
        $"{customer} has {events} events", async () => (_counted = await _silo.Api.EventCountAsync(customer)) == events, () => $"It has {_counted}. {_silo.Errors}");

    private static async Task<uint> ErrorsAsync(BrokerClient client) => await client.HasQueueAsync(Errors) ? await client.CountAsync(Errors) : 0;

    private Task IsDrainedAsync(BrokerClient client) => Condition.HoldsAsync("the queue is empty", async () => await client.CountAsync(Queue) == 0, () => _silo.Errors, within: TimeSpan.FromMinutes(2));

    private async Task PublishUntilConfirmedAsync(string body)
    {
        await Condition.HoldsAsync("the broker confirms", async () =>
        {
            try
            {
                _producer ??= await BrokerClient.ConnectAsync(_broker.Address);
                await _producer.PublishAsync(Queue, body);
                return true;
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)
            {
                _producer = null;
                return false;
            }
        });
    }

    private async Task MakeChangesAsync(string prefix)
    {
        string events = string.Join(',', Enumerable.Range(0, 40).Select(n => Order($"{prefix}-{n}", "a")));
        Assert.Equal(200, (await _silo.Api.PostEventsAsync("/v1/batch", $$"""{"batch":[{{events}}]}""")).Status);
        Assert.Equal(200, (await _silo.Api.TrainAsync(segments: 2)).Status);
    }

    /// <summary>Everything in the log since the listener was there has been heard.</summary>
    private Task HearsAsync(ConcurrentQueue<string> heard) => Condition.HoldsAsync("every change is heard", async () =>
    {
        HashSet<long> log = [.. (await _silo.Api.QueryAsync("/v1/changes?limit=1000"))["changes"]!.AsArray().Select(x => (long)x!["sequence"]!)];
        log.ExceptWith(heard.Select(text => (long)JsonNode.Parse(text)!["message"]!["sequence"]!));
        return log.Count == 0;
    });
}
