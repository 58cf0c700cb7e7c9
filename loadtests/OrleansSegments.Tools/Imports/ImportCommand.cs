using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Imports;

/// <summary><c>import</c>: replays a data set on event time into a store and trains, or sends it to a running silo.</summary>
internal static class ImportCommand
{
    private const int SegmentsMin = 1;
    private const int SegmentsMax = 64;

    /// <summary>What only means something for a store that the import opens itself.</summary>
    private static readonly string[] StoreOptionNames = ["--data", "--store", "--connection", "--features", "--segments"];

    public static Command Create()
    {
        var format = new Argument<IDataSetReader?>("FORMAT")
        {
            Description = string.Join(" ", DataSetReaders.All.Select(reader => $"{reader.Name}: {reader.Description}")),
            CustomParser = ReadFormat,
        };
        var file = new Argument<string>("FILE") { Description = "The file, plain or gzip; of complete-journey also its folder." };
        Option<string?> map = OptionValues.Text("--map", "Of csv: a JSON file that says what the columns mean; docs/import.md has examples of a few lines.", "FILE");
        Option<Uri?> url = CommonOptions.ApiUrl("Send the events to the API of a running silo instead of a store.", otherwise: null);
        Option<string?> key = OptionValues.Text("--key", "With --url: a write key, or an admin key.", "KEY");
        StoreOptions store = CommonOptions.Store("The data folder to import into, existing or new. Default: data/import, cleared first.");
        Option<string?> features = CommonOptions.Features();
        Option<bool> json = CommonOptions.Json();
        Option<int?> segments = OptionValues.NumberOrNone("--segments", $"Fix the number of segments instead of choosing it, {SegmentsMin} to {SegmentsMax}.", SegmentsMin, SegmentsMax, "K");
        var command = new Command("import", "Replay a data set on event time, train, print the segments; or send it to a running silo.")
        {
            format, file, map, url, key, features, segments, json,
        };
        store.AddTo(command);
        command.Validators.Add(result => Check(result, url, key));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IDataSetReader reader = parsed.GetValue(format)!;
            reader = parsed.GetValue(map) is { } path ? WithMap(reader, path) : reader;
            using ImportSource source = ImportSource.Open(reader.FileOf(parsed.GetValue(file)!));
            var run = new ImportRun(reader, source, parsed.GetValue(json));
            await (parsed.GetValue(url) is { } api
                ? run.IntoApiAsync(api, parsed.GetValue(key)!, cancellationToken)
                : run.IntoStoreAsync(
                    store.Read(parsed, "import", StoreStart.FromNothingUnlessFolderNamed), parsed.GetValue(features), parsed.GetValue(segments), cancellationToken));
            return 0;
        });
        return command;
    }

    private static CsvReader WithMap(IDataSetReader reader, string path) => reader is CsvReader
        ? new CsvReader(TableMap.Load(path))
        : throw new Silo.CommandException($"--map is for the format csv; {reader.Name} knows its columns. Leave --map out, or import as csv.");

    private static void Check(CommandResult result, Option<Uri?> url, Option<string?> key)
    {
        bool isSent = result.GetResult(url) is { Implicit: false };
        bool hasKey = result.GetResult(key) is { Implicit: false };
        if (isSent != hasKey)
        {
            result.AddError(isSent ? "--url needs --key, a write or admin key of that silo." : "--key goes with --url; without it the import opens a store itself.");
        }

        string[] given = isSent ? [.. StoreOptionNames.Where(name => result.GetResult(name) is OptionResult { Implicit: false })] : [];
        if (given.Length > 0)
        {
            result.AddError($"{string.Join(" and ", given)} cannot be combined with --url: the running silo has its own store, features and trainings.");
        }
    }

    private static IDataSetReader? ReadFormat(ArgumentResult result)
    {
        try
        {
            return DataSetReaders.Find(result.Tokens[0].Value);
        }
        catch (ImportException unknown)
        {
            result.AddError(unknown.Message);
            return null;
        }
    }
}
