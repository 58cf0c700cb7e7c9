using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Console.Live;
using OrleansSegments.Contracts.Events;
using OrleansSegments.UnitTests.ClientApi;
using Xunit;

namespace OrleansSegments.UnitTests.Consoles;

/// <summary>The tail says of each event what the answer to its sender said.</summary>
public sealed class EventTailTests
{
    private const string Batch = """{"batch":[{"type":"dance"},{"type":"track","event":"a","userId":"u1"},{"type":"track","event":"b","userId":"u2"}]}""";

    [Fact]
    public async Task Taken_and_rejected_events_of_a_batch_are_told_apart()
    {
        await using var host = await ApiHost.StartAsync();

        // The router counts among the events that it was handed, which are the last two.
        host.Router.Rejected = [new EventRejection(1, "plan_violation", "does not fit")];
        var told = await TellAsync(host);
        Assert.Equal(1, told.Count);
        Assert.Equal("u1", Assert.Single(told.Events).CustomerId);
        Assert.Equal([0, 2], told.Rejected.Select(x => x.Index));
        Assert.Null(told.Refusal);
    }

    [Fact]
    public async Task Nothing_of_a_refused_request_is_told_as_taken()
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Status = RouteStatus.Overloaded;
        var told = await TellAsync(host, """{"batch":[{"type":"track","event":"a","userId":"u1"}]}""");
        Assert.Equal((0, 0), (told.Count, told.Rejected.Length));
        Assert.Contains("waiting to be stored", told.Refusal, StringComparison.Ordinal);
    }

    private static async Task<TailedRequest> TellAsync(ApiHost host, string body = Batch)
    {
        TailedRequest? told = null;
        var tail = host.App.Services.GetRequiredService<EventTail>();
        using (tail.Watch(request => told = request))
        {
            await host.PostAsync("/v1/batch", body);
        }

        Assert.False(tail.IsWatched);
        return told!;
    }
}
