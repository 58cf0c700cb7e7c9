using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Webhooks;
using OrleansSegments.TestKit.Time;
using OrleansSegments.TestKit.Waiting;
using OrleansSegments.Webhooks;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;
using Xunit;
using static OrleansSegments.ClusterTests.Customers.MergeEvents;

namespace OrleansSegments.ClusterTests.Webhooks;

/// <summary>Webhooks of a real silo with a real receiver that fails in every way.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_failed_delivery_is_not_overtaken_by_its_customers_next_one_and_holds_up_nobody_else()
    {
        await using var silo = await StartAsync(_folder);
        await AddAsync(silo);
        var taken = new System.Collections.Concurrent.ConcurrentQueue<ReceivedMessage>();
        _receiver.Answer = (message, context) =>
        {
            // The first transition of a is refused until b's has arrived, which is later in the log.
            if (message.Customer == "a" && taken.All(other => other.Customer != "b"))
            {
                context.Response.StatusCode = 500;
            }
            else
            {
                taken.Enqueue(message);
            }

            return Task.CompletedTask;
        };

        await silo.RouteAsync(Page("a", "1", Now));
        await Condition.HoldsAsync("the first one was refused", () => _receiver.Got.Length > 0);
        await silo.RouteAsync(Alias("a", "x"));
        await silo.RouteAsync(Page("b", "2", Now));
        await Condition.HoldsAsync("both of a and that of b arrive", () => taken.Count(message => message.Customer is "a" or "b") == 3, () => string.Join(", ", taken.Select(m => m.Body)));

        var ofA = taken.Where(message => message.Customer == "a").Select(message => (message.Sequence, message.Data.GetProperty("cause").GetString())).ToArray();
        Assert.Equal([(ofA[0].Sequence, "event"), (ofA[1].Sequence, "merge")], ofA);
        Assert.True(ofA[0].Sequence < ofA[1].Sequence);
        Assert.Equal("b", taken.First(message => message.Customer is "a" or "b").Customer);
    }

    [Fact]
    public async Task What_was_taken_before_the_connection_broke_is_repeated_under_the_same_id_with_a_signature_that_fits()
    {
        await using var silo = await StartAsync(_folder);
        var secret = await AddAsync(silo);
        _receiver.Answer = (_, context) =>
        {
            if (_receiver.Got.Length == 1)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        };

        await silo.RouteAsync(Page("a", "1", Now));
        await WaitForCursorAsync(silo);

        var got = _receiver.Got;
        Assert.Equal(2, got.Length);
        Assert.Equal((got[0].Id, got[0].Body), (got[1].Id, got[1].Body));
        Assert.All(got, message => new StandardWebhook(secret).Verify(message.Body, message.Headers));
        Assert.Throws<WebhookVerificationException>(() => new StandardWebhook(new byte[32]).Verify(got[0].Body, got[0].Headers));
        var json = got[0].Json;
        Assert.Equal("customer.segment_changed", json.GetProperty("type").GetString());
        Assert.Equal(["sequence", "customerId", "from", "to", "cause", "modelVersion", "occurredAt"], got[0].Data.EnumerateObject().Select(x => x.Name));
        Assert.Equal((JsonValueKind.Null, "s0", "event"), (got[0].Data.GetProperty("from").ValueKind, got[0].Data.GetProperty("to").GetString(), got[0].Data.GetProperty("cause").GetString()));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_disables_the_webhook_until_it_is_enabled()
    {
        await using var silo = await StartAsync(_folder);
        await AddAsync(silo);
        _receiver.Answer = (_, context) => Answer(context, 410);
        await silo.RouteAsync(Page("a", "1", Now));
        await Condition.HoldsAsync("the webhook is disabled", async () => (await ViewAsync(silo)).State == "disabled");
        Assert.Contains("410", (await ViewAsync(silo)).Reason);
        await silo.RouteAsync(Page("b", "2", Now));
        Assert.Single(_receiver.Got);

        _receiver.Answer = (_, context) => Answer(context, 200);
        Assert.Equal("active", (await Webhook(silo).Change(new WebhookSettings(Enabled: true))).Webhook!.State);
        await WaitForCursorAsync(silo);
        Assert.Equal(["a", "a", "b"], _receiver.Got.Select(message => message.Customer).Order());
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var silo = await StartAsync(_folder);
        await using var other = await WebhookReceiver.StartAsync();
        await AddAsync(silo);
        _receiver.Answer = (_, context) =>
        {
            context.Response.Redirect(other.Url);
            return Task.CompletedTask;
        };

        await silo.RouteAsync(Page("a", "1", Now));

        await Condition.HoldsAsync("the webhook fails", async () => (await ViewAsync(silo)).State == "failing");
        var delivery = (await Webhook(silo).Deliveries())[0];
        Assert.Equal((302, false, 1), (delivery.Status!.Value, delivery.Delivered, delivery.Attempts));
        Assert.Contains(other.Url, delivery.Problem);
        Assert.Empty(other.Got);
    }

    [Fact]
    public async Task A_delivery_that_hangs_holds_up_its_customer_alone()
    {
        await using var silo = await StartAsync(_folder);
        await AddAsync(silo);
        var release = new TaskCompletionSource();
        _receiver.Answer = (message, _) => message.Customer == "a" ? release.Task : Task.CompletedTask;
        await silo.RouteAsync(Page("a", "1", Now), Page("b", "2", Now), Page("c", "3", Now));

        await Condition.HoldsAsync("the others arrive", () => _receiver.Got.Length == 3);
        await Condition.HoldsAsync("the others count as delivered", async () => (await Webhook(silo).Deliveries()).Length == 2);
        release.SetResult();
        await WaitForCursorAsync(silo);
    }

    [Fact]
    public async Task After_a_kill_between_delivery_and_cursor_it_is_delivered_again_and_nothing_is_missing()
    {
        TestFolder killed;
        await using (var silo = await StartAsync(_folder))
        {
            await AddAsync(silo);
            await silo.RouteAsync(Page("a", "1", Now));
            await WaitForCursorAsync(silo);
            await silo.RouteAsync(Page("b", "2", Now), Page("c", "3", Now));
            await WaitForCursorAsync(silo);
            killed = _folder.Copy();
        }

        var before = _receiver.Got.Length;
        using (killed)
        {
            await using var again = await StartAsync(killed);
            await again.RouteAsync(Page("d", "4", Now));
            await Condition.HoldsAsync("the new one arrives", () => _receiver.Got.Any(message => message.Customer == "d"));
            await WaitForCursorAsync(again);
        }

        var all = _receiver.Got;
        Assert.True(all.Length > before + 1, "The kill was to lose the cursor.");
        Assert.Equal(["a", "b", "c", "d"], all.Select(message => message.Customer).Distinct().Order());
        Assert.All(all.GroupBy(message => message.Sequence), repeats => Assert.Single(repeats.Select(message => (message.Id, message.Body)).Distinct()));
    }

    [Fact]
    public async Task The_webhook_of_a_silo_that_dies_goes_on_at_another()
    {
        await using var cluster = await SiloCluster.StartAsync(2, Now);
        await AddAsync(cluster.First);
        await cluster.First.RouteAllAsync([Page("a", "1", Now)]);
        await WaitForCursorAsync(cluster.First);

        await cluster.KillAsync(cluster.Silos.Single(silo => silo.Service<WebhookServices>().Ids.Contains(1)));
        await cluster.First.RouteAllAsync([Page("b", "2", Now)]);

        await Condition.HoldsAsync("the new one arrives", () => _receiver.Got.Any(message => message.Customer == "b"));
        Assert.Contains(1, cluster.First.Service<WebhookServices>().Ids);
    }

    [Fact]
    public async Task A_silo_that_stops_in_order_repeats_nothing()
    {
        await using (var silo = await StartAsync(_folder))
        {
            await AddAsync(silo);
            await silo.RouteAsync(Page("a", "1", Now));
            await WaitForCursorAsync(silo);
        }

        await using var again = await StartAsync(_folder);
        await again.RouteAsync(Page("b", "2", Now));
        await Condition.HoldsAsync("the new one arrives", () => _receiver.Got.Any(message => message.Customer == "b"));
        Assert.Equal(2, _receiver.Got.Length);
    }

    [Fact]
    public async Task During_a_rotation_both_secrets_verify_messages_and_a_replay_sends_the_same_ids()
    {
        await using var silo = await StartAsync(_folder);
        var former = await AddAsync(silo);
        await silo.RouteAsync(Page("a", "1", Now));
        await WaitForCursorAsync(silo);
        var first = _receiver.Got.Single();

        var secret = (await Webhook(silo).Rotate()).Secret!;
        Assert.Equal(WebhookStatus.Done, (await Webhook(silo).Replay(first.Sequence)).Status);
        await Condition.HoldsAsync("it arrives again", () => _receiver.Got.Length == 2);

        var second = _receiver.Got[1];
        Assert.Equal((first.Id, first.Body), (second.Id, second.Body));
        new StandardWebhook(secret).Verify(second.Body, second.Headers);
        new StandardWebhook(former).Verify(second.Body, second.Headers);
        Assert.Throws<WebhookVerificationException>(() => new StandardWebhook(secret).Verify(first.Body, first.Headers));
        Assert.Contains("from is 99", (await Webhook(silo).Replay(99)).Problem);
    }

    [Fact]
    public async Task In_the_format_segment_a_move_is_a_batch_that_leaves_and_enters_audiences()
    {
        await using var silo = await StartAsync(_folder);
        await AddAsync(silo, new WebhookSettings(_receiver.Url, Format: "segment", WriteKey: "the-write-key"));
        await silo.RouteAsync(Page("a", "1", Now));
        await silo.RouteAsync(Alias("a", "x"));
        await Condition.HoldsAsync("entering and leaving arrive", () => _receiver.Got.Count(message => message.Body.Contains("\"a\"", StringComparison.Ordinal)) == 2);

        var events = _receiver.Got.Select(message => Assert.Single(message.Json.GetProperty("batch").EnumerateArray())).Where(one => one.GetProperty("userId").GetString() == "a").ToArray();
        Assert.Equal(["Audience Entered", "Audience Exited"], events.Select(one => one.GetProperty("event").GetString()));
        Assert.Equal([true, false], events.Select(one => one.GetProperty("properties").GetProperty("s0").GetBoolean()));
        Assert.All(events, one => Assert.Equal("s0", one.GetProperty("properties").GetProperty("audience_key").GetString()));
        Assert.All(events, one => Assert.Equal("audience", one.GetProperty("context").GetProperty("personas").GetProperty("computation_class").GetString()));
        Assert.Equal("Basic " + Convert.ToBase64String("the-write-key:"u8), _receiver.Got[0].Headers["Authorization"].ToString());
    }

    [Fact]
    public async Task Over_http_a_webhook_is_made_tested_changed_and_removed_and_its_secrets_are_not_shown_again()
    {
        await using var silo = await StartAsync(_folder);
        using var http = silo.NewHttpClient();
        using var made = await http.PostAsJsonAsync("/v1/webhooks", new { url = _receiver.Url, format = "segment", writeKey = "the-write-key" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var secret = JsonElement.Parse(await made.Content.ReadAsByteArrayAsync()).GetProperty("secret").GetString()!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);

        using var tested = await http.PostAsync("/v1/webhooks/1/test", null);
        Assert.True(JsonElement.Parse(await tested.Content.ReadAsByteArrayAsync()).GetProperty("delivered").GetBoolean());
        new StandardWebhook(secret).Verify(_receiver.Got.Single().Body, _receiver.Got.Single().Headers);
        using var changed = await http.PatchAsJsonAsync("/v1/webhooks/1", new WebhookSettings(Causes: ["time"], Enabled: false));
        Assert.Equal("disabled", JsonElement.Parse(await changed.Content.ReadAsByteArrayAsync()).GetProperty("state").GetString());
        using var rotated = await http.PostAsync("/v1/webhooks/1/rotate", null);
        Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);

        foreach (var path in new[] { "/v1/webhooks", "/v1/webhooks/1" })
        {
            var text = await http.GetStringAsync(path);
            Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
            Assert.DoesNotContain("the-write-key", text, StringComparison.Ordinal);
            Assert.Contains("previousSecretUntil", text, StringComparison.Ordinal);
        }

        using var removed = await http.DeleteAsync("/v1/webhooks/1");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await http.GetAsync("/v1/webhooks/1");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData("http://example.com/", "https")]
    [InlineData("ftp://example.com/", "https")]
    [InlineData("https://user:secret@example.com/", "without user")]
    [InlineData("hook", "https")]
    public async Task An_address_that_messages_must_not_go_to_is_refused(string url, string rule)
    {
        await using var silo = await StartAsync(_folder);
        var receipt = await silo.Grains.GetGrain<IWebhookList>(0).Add(new WebhookSettings(url));
        Assert.Equal(WebhookStatus.Invalid, receipt.Status);
        Assert.Contains(rule, receipt.Problem);
        Assert.Empty(await silo.Grains.GetGrain<IWebhookList>(0).List());
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_is_not_connected_to()
    {
        using var sender = new WebhookSender(Options.Create(new WebhookOptions()), new ManualTimeProvider());
        var target = new WebhookTarget(1, new WebhookState { Url = _receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), Secret = "AAAA" });

        var refused = await sender.SendAsync(WebhookMessage.Test(target, Now), isProbe: false, CancellationToken.None);

        Assert.Equal((false, 1), (refused.Delivery.Delivered, refused.Delivery.Attempts));
        Assert.Contains("no public address", refused.Delivery.Problem);
        Assert.Empty(_receiver.Got);
        using var allowed = new WebhookSender(Options.Create(new WebhookOptions { AllowPrivateAddresses = true }), new ManualTimeProvider());
        Assert.True((await allowed.SendAsync(WebhookMessage.Test(target, Now), isProbe: false, CancellationToken.None)).Delivery.Delivered);
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f:cb07::1", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Only_unicast_addresses_of_the_internet_are_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static IWebhookGrain Webhook(TestSilo silo) => silo.Grains.GetGrain<IWebhookGrain>(1);

    private static async Task<WebhookView> ViewAsync(TestSilo silo) => (await Webhook(silo).View())!;

    private static Task<TestSilo> StartAsync(TestFolder folder) => TestSilo.StartAsync(folder, Now);

    /// <summary>Waits until everything in the log is delivered.</summary>
    private async Task WaitForCursorAsync(TestSilo silo)
    {
        var newest = (await silo.CensusAsync()).Sequence;
        await Condition.HoldsAsync($"everything up to {newest} is delivered", async () => (await ViewAsync(silo)).Cursor >= newest, () => string.Join(", ", _receiver.Got.Select(message => message.Body)));
    }

    private async Task<string> AddAsync(TestSilo silo, WebhookSettings? settings = null)
    {
        var receipt = await silo.Grains.GetGrain<IWebhookList>(0).Add(settings ?? new WebhookSettings(_receiver.Url));
        Assert.Equal((WebhookStatus.Done, 1L), (receipt.Status, receipt.Webhook!.Id));
        return receipt.Secret!;
    }
}
