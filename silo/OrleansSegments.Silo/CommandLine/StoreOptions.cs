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
