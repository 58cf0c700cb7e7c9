using System.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Silo.CommandLine;

/// <summary><c>up</c>: a silo with the API on an existing or new store, until it is told to stop.</summary>
internal static class UpCommand
{
    public static Command Create() => Create(static _ => { });

    /// <param name="replace">May put other services in the place of those registered; see <see cref="SiloHost"/>.</param>
    internal static Command Create(Action<IServiceCollection> replace)
    {
        StoreOptions store = CommonOptions.Store("The data folder, existing or new. Default: data/segments.");
        Option<string> urls = CommonOptions.Urls();
        Option<string?> features = CommonOptions.Features();
        var systemClock = new Option<bool>("--system-clock")
        {
            Description = "Bring a store that lives at the time of imported history to the present, for good.",
        };
        var check = new Option<bool>("--check") { Description = "Only say what the features would change in the store: exit code 0, or 2 when the file has errors." };
        Option<bool> json = CommonOptions.Json();
        var cluster = new Option<bool>("--cluster") { Description = "Join the silos that share the database of --connection, or begin with the first." };
        var place = new ClusterArguments();
        var command = new Command("up", "Start a silo with the HTTP API on a data folder or a database; Ctrl-C stops it.") { urls, features, check, json, systemClock, cluster };
        store.AddTo(command);
        place.AddSiloOptionsTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(cluster) && place.AreGiven(parsed))
            {
                throw new CommandException("the options of a cluster (--silo-port, --gateway-port, --advertise, --cluster-id, --service-id) need --cluster. Add it, or leave them out.");
            }

            var settings = new SiloSettings(
                store.Read(parsed, "segments", StoreStart.AsItIs),
                parsed.GetValue(urls),
                parsed.GetValue(features),
                UseSystemClock: parsed.GetValue(systemClock),
                Cluster: parsed.GetValue(cluster) ? place.Read(parsed) : null);
            if (parsed.GetValue(check))
            {
                return await FeatureCheck.RunAsync(settings, parsed.GetValue(json), cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                throw new CommandException("--json needs --check: a silo prints no summary. Add it, or leave --json out.");
            }

            await using SiloHost host = await SiloHost.StartAsync(settings, replace, cancellationToken);
            host.Announce();
            await host.WaitForStopAsync(cancellationToken);
            return 0;
        });
        return command;
    }
}

/// <summary><c>api</c>: the HTTP API in a process of its own, in front of the silos of a cluster, until it is told to stop.</summary>
internal static class ApiCommand
{
    public static Command Create()
    {
        Option<string?> connection = OptionValues.Text(
            "--connection", "Of the database that the silos share. Default: Store__ConnectionString, which hides a password from the list of processes.", "TEXT");
        Option<string> urls = CommonOptions.Urls();
        var place = new ClusterArguments();
        var command = new Command("api", "Start the HTTP API alone, in front of the silos of a cluster; Ctrl-C stops it.") { connection, urls };
        place.AddClientOptionsTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using ApiHost host = await ApiHost.StartAsync(
                parsed.GetValue(connection), parsed.GetValue(urls)!, place.Read(parsed), cancellationToken);
            await host.WaitForStopAsync(cancellationToken);
            return 0;
        });
        return command;
    }
}
