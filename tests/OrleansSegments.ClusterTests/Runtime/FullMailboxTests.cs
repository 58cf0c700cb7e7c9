using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>Orleans' mailboxes are unbounded unless a limit is set.</summary>
public sealed class FullMailboxTests : IDisposable
{
    private const int Limit = 20;

    private static readonly DateTimeOffset Now = TrainedPopulation.End;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_caller_that_meets_a_full_mailbox_gets_429_and_is_served_later()
    {
        UnreliableStore? store = null;
        await using var silo = await TestSilo.StartAsync(_folder, Now, services =>
        {
            services.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = Limit);
            store = UnreliableStore.Replace(services);
        });
        using var http = silo.NewHttpClient();
        var isRead = new TaskCompletionSource();
        store!.BeforeRead = () => isRead.Task;

        // The grain waits for the store during its activation, and calls wait for the grain.
        var calls = Enumerable.Range(0, 2 * Limit).Select(_ => silo.Customer("busy").View().AsTask()).ToArray();
        await Condition.HoldsAsync("the mailbox is full", () => calls.Any(call => call.IsFaulted));
        await AssertOverloadedAsync(await http.GetAsync("/v1/customers/busy"));
        await AssertOverloadedAsync(await http.PostAsJsonAsync("/v1/track", Order));
        Assert.Equal(RouteStatus.Overloaded, (await silo.RouteAsync(RandomShopper.Order("busy", "m", Now))).Status);
        isRead.SetResult();

        Assert.All(await Task.WhenAll(calls.Select(IsAnsweredAsync)), call => Assert.True(call.IsAnswered || call.Problem is LimitExceededException));
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsJsonAsync("/v1/track", Order)).StatusCode);
        Assert.Equal(1, (await silo.ViewAsync("busy")).EventCount);
    }

    [Fact]
    public async Task The_mailbox_limit_is_the_named_constant()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);

        Assert.Equal(GrainRuntimeHosting.MailboxCallsMax, silo.Service<IOptions<SiloMessagingOptions>>().Value.MaxEnqueuedRequestsHardLimit);
    }

    private static object Order => new { userId = "busy", messageId = "m", @event = "Order Completed", timestamp = Now };

    private static async Task AssertOverloadedAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("\"overloaded\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<(bool IsAnswered, Exception? Problem)> IsAnsweredAsync(Task<CustomerView?> call)
    {
        try
        {
            await call;
            return (true, null);
        }
        catch (Exception problem)
        {
            return (false, problem);
        }
    }
}
