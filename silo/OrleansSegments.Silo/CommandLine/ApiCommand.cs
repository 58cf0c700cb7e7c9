using System.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Silo.CommandLine;

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
