using System.CommandLine;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Demo;

/// <summary><c>demo</c>: simulated shoppers through a fresh silo, with a live view.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<int> customers = OptionValues.Number("--customers", "Simulated shoppers", 20_000, 100, 10_000_000);
        Option<int> seconds = OptionValues.Number("--seconds", "How long to simulate; more when the story takes longer", 30, 1, 86_400);
        var exit = new Option<bool>("--exit") { Description = "End after the summary instead of staying up." };
        Option<ulong> seed = OptionValues.Number<ulong>("--seed", "Seed of the shoppers", 1, 0, ulong.MaxValue);
        StoreOptions store = CommonOptions.Store("A new or empty data folder. Default: data/demo, cleared first.");
        Option<string> urls = CommonOptions.Urls();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("demo", "Simulate shoppers, train, and watch them move between segments.") { customers, seconds, exit, seed, urls, json };
        store.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new DemoOptions(
                parsed.GetValue(customers), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(seed), store.Read(parsed, "demo", StoreStart.FromNothing), parsed.GetValue(urls)!,
                parsed.GetValue(exit), parsed.GetValue(json));
            await new DemoRun(options).RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }
}
