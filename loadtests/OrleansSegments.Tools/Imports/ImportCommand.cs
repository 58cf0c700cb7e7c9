using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Imports;

/// <summary><c>import</c>: replays a real data set through the pipeline on event time, trains, prints the segments.</summary>
internal static class ImportCommand
{
    private const int SegmentsMin = 1;
    private const int SegmentsMax = 64;

    public static Command Create()
    {
        var format = new Argument<IDataSetReader?>("FORMAT") { Description = "online-retail-ii, cdnow or events-ndjson.", CustomParser = ReadFormat };
        var file = new Argument<string>("FILE") { Description = "The file, plain or gzip." };
        StoreOptions store = CommonOptions.Store("The data folder to import into, existing or new. Default: data/import, cleared first.");
        Option<string?> features = CommonOptions.Features();
        Option<bool> json = CommonOptions.Json();
        Option<int?> segments = OptionValues.NumberOrNone("--segments", $"Fix the number of segments instead of choosing it, {SegmentsMin} to {SegmentsMax}.", SegmentsMin, SegmentsMax, "K");
        var command = new Command("import", "Replay a real data set on event time, train, print the segments.") { format, file, features, segments, json };
        store.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ImportSource source = ImportSource.Open(parsed.GetValue(file)!);
            StoreArguments arguments = store.Read(parsed, "import", StoreStart.FromNothingUnlessFolderNamed);
            var run = new ImportRun(parsed.GetValue(format)!, source, arguments, parsed.GetValue(features), parsed.GetValue(segments));
            await run.RunAsync(parsed.GetValue(json), cancellationToken);
            return 0;
        });
        return command;
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
