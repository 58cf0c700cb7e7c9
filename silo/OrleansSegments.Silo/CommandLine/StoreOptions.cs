using System.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>The options that say where customers are kept: a data folder, or a database.</summary>
internal sealed class StoreOptions(string folderDescription)
{
    private readonly Option<string?> _data = OptionValues.Text("--data", folderDescription, "DIR");

    private readonly Option<string?> _store = OptionValues.Choice(
        "--store",
        "Where customers are kept: embedded (a data folder) or postgresql. Default: Store__Provider, or embedded.",
        "KIND",
        StoreSelectionOptions.Embedded,
        StoreSelectionOptions.Postgresql);

    private readonly Option<string?> _connection = OptionValues.Text(
        "--connection",
        "Of postgresql: \"Host=...;Database=...;Username=...\". Default: Store__ConnectionString, which hides a password from the list of processes.",
        "TEXT");

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_store);
        command.Options.Add(_connection);
    }

    public StoreArguments Read(ParseResult parsed, string ownFolder, StoreStart start) =>
        new(parsed.GetValue(_store), parsed.GetValue(_connection), parsed.GetValue(_data), ownFolder, start);
}

/// <summary>The options that say how this process is part of a cluster; each says the same as the setting of its name and wins over it.</summary>
internal sealed class ClusterArguments
{
    private readonly Option<string?> _id = OptionValues.Text("--cluster-id", "Silos with the same id find each other. Default: Cluster__Id, or segments.", "NAME");
    private readonly Option<string?> _serviceId = OptionValues.Text("--service-id", "Whose reminders these are. Default: Cluster__ServiceId, or segments.", "NAME");
    private readonly Option<int?> _siloPort = OptionValues.NumberOrNone("--silo-port", "Where other silos reach this one. Default: Cluster__SiloPort, or 11111.", 1, 65_535, "PORT");
    private readonly Option<int?> _gatewayPort = OptionValues.NumberOrNone("--gateway-port", "Where client APIs of their own reach this silo; 0 for none. Default: Cluster__GatewayPort, or 30000.", 0, 65_535, "PORT");
    private readonly Option<string?> _advertise = OptionValues.Text("--advertise", "The IP address under which others reach this silo. Default: Cluster__Advertise, or 127.0.0.1.", "IP");

    public void AddSiloOptionsTo(Command command)
    {
        AddClientOptionsTo(command);
        command.Options.Add(_siloPort);
        command.Options.Add(_gatewayPort);
        command.Options.Add(_advertise);
    }

    /// <summary>What a client needs: it opens no port of its own.</summary>
    public void AddClientOptionsTo(Command command)
    {
        command.Options.Add(_id);
        command.Options.Add(_serviceId);
    }

    /// <summary>What of it was said on the command line overrules the settings.</summary>
    public Action<ClusterSettings> Read(ParseResult parsed) => settings =>
    {
        settings.Id = parsed.GetValue(_id) ?? settings.Id;
        settings.ServiceId = parsed.GetValue(_serviceId) ?? settings.ServiceId;
        settings.SiloPort = parsed.GetValue(_siloPort) ?? settings.SiloPort;
        settings.GatewayPort = parsed.GetValue(_gatewayPort) ?? settings.GatewayPort;
        settings.Advertise = parsed.GetValue(_advertise) ?? settings.Advertise;
    };

    /// <summary>Whether any of it was said.</summary>
    public bool AreGiven(ParseResult parsed) =>
        new Option[] { _id, _serviceId, _siloPort, _gatewayPort, _advertise }.Any(option => parsed.GetResult(option) is { Implicit: false });
}
