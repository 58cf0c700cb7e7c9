using System.CommandLine;
using OrleansSegments.Silo.Demo;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Silo.CommandLine;

/// <summary><c>demo</c>: simulated shoppers through a fresh silo, with a live view.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var customers = new Option<int>("--customers") { Description = "Simulated shoppers, 100 to 10000000.", DefaultValueFactory = _ => 20_000 };
        var seconds = new Option<int>("--seconds") { Description = "How long to simulate, 1 to 86400.", DefaultValueFactory = _ => 30 };
        var exit = new Option<bool>("--exit") { Description = "End after the summary instead of staying up." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the shoppers.", DefaultValueFactory = _ => 1 };
        Require(customers, 100, 10_000_000);
        Require(seconds, 1, 86_400);
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

    // On the option and not on the command: a command's validators see 0 for an option that is left to its default.
    private static void Require(Option<int> option, int min, int max) => option.Validators.Add(result =>
    {
        int value = result.GetValueOrDefault<int>();
        if (value < min || value > max)
        {
            result.AddError($"{option.Name} is {value}; it must be {min} to {max}.");
        }
    });
}
