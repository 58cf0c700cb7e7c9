using System.Text;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>A silo with some shoppers and one model, shared by the tests of a class, each with its own customers.</summary>
public sealed class RunningSilo : IAsyncLifetime
{
    public const int Segments = 4;

    private readonly TemporaryFolder _folder = new();
    private SiloProcess? _silo;

    internal SegmentsApi Api => _silo!.Api;

    internal SenderLedger Ledger { get; } = new();

    internal ShopperBatches Shoppers { get; } = ShopperBatches.Make(seed: 3, customers: 120, days: 8, batchEvents: 100);

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartAsync(_folder.Path);
        foreach (EventBatch batch in Shoppers.All)
        {
            Assert.True(await Ledger.SendAsync(Api, batch), $"{Ledger.Refusals.LastOrDefault()}");
        }

        Assert.Empty(Ledger.Faults);

        ApiAnswer training = await Api.TrainAsync(Segments);
        Assert.True(training.Status == 200 && (bool)training.Json["published"]!, training.ToString());
        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await Api.QueryAsync("/v1/model/rollout"))["complete"]!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A batch of orders, one per message id.</summary>
    internal static byte[] Orders(string customerId, params string[] messageIds) => Encoding.UTF8.GetBytes(
        $$"""{"batch":[{{string.Join(',', messageIds.Select(id => Order(customerId, id)))}}]}""");

    private static string Order(string customerId, string messageId) =>
        $$"""{"type":"track","event":"Order Completed","userId":"{{customerId}}","messageId":"{{messageId}}","properties":{"revenue":12.5} }""";
}
