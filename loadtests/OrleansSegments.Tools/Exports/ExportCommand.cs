using System.CommandLine;
using OrleansSegments.Silo;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Tools.Exports;

/// <summary><c>export</c>: the members of a segment, or all customers with their features, as of one instant.</summary>
internal static class ExportCommand
{
    private const string Csv = "csv";
    private const string Ndjson = "ndjson";
    private const string Parquet = "parquet";

    public static Command Create() =>
        new("export", "Write the members of a segment, or all customers with their features, to a file or the standard output.") { Segment(), Customers() };

    private static Command Segment()
    {
        var id = new Argument<string>("ID") { Description = "The segment, for example s7; GET /v1/segments lists them." };
        var options = new ExportOptions(Csv, Ndjson);
        var command = new Command("segment", "The ids of a segment's members.") { id };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync($"/v1/segments/{Uri.EscapeDataString(parsed.GetValue(id)!)}/members", options.Read(parsed), cancellationToken));
        return command;
    }

    private static Command Customers()
    {
        var options = new ExportOptions(Csv, Ndjson, Parquet);
        var command = new Command("customers", "A table of all customers: id, segment, every feature in natural units, model version, as-of time.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync("/v1/customers", options.Read(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, ExportArguments arguments, CancellationToken cancellationToken)
    {
        bool isParquet = arguments.Format == Parquet;
        if (isParquet && arguments.To is null)
        {
            throw new CommandException("a Parquet file is no text for the standard output. Name a file with --to FILE.");
        }

        // A Parquet file is made of the table in CSV, whose first line names the columns.
        await using ExportSource source = await ExportSource.OpenAsync(arguments, cancellationToken);
        using ExportStream export = await source.ReadAsync($"{path}?format={(isParquet ? Csv : arguments.Format)}", cancellationToken);
        await using ExportTarget target = ExportTarget.Open(arguments.To);
        var line = new ProgressLine(Console.Error);
        line.Write($"0 of {export.Lines:N0} customers");
        void Tell(long lines)
        {
            if (line.IsDue)
            {
                line.Write($"{lines:N0} of {export.Lines:N0} customers");
            }
        }

        long written = isParquet
            ? await ParquetTable.WriteAsync(export.Content, target.Stream, Tell, cancellationToken)
            : await LineCopy.CopyAsync(export.Content, target.Stream, hasHeader: arguments.Format == Csv, Tell, cancellationToken);
        if (written != export.Lines)
        {
            throw new CommandException($"the answer ended after {written:N0} of {export.Lines:N0} customers. Run the command again.");
        }

        await target.CompleteAsync(cancellationToken);
        line.End($"{written:N0} customers as of {export.AsOf}, sequence {export.Sequence}, model {export.ModelVersion}.");
        return 0;
    }
}

/// <summary>The options that both exports have.</summary>
internal sealed class ExportOptions(params string[] formats)
{
    private readonly Option<Uri?> _url = CommonOptions.ApiUrl("A running API. Default, without --data: http://127.0.0.1:8080.", null);
    private readonly Option<string?> _key = OptionValues.Text("--key", "A read key of that API.", "KEY");
    private readonly Option<string?> _data = OptionValues.Text("--data", "The data folder of a silo that is stopped, instead of --url.", "DIR");
    private readonly Option<string?> _to = OptionValues.Text("--to", "The file to write, whole or not at all. Default: the standard output.", "FILE");
    private readonly Option<string?> _format = OptionValues.Choice("--format", $"{string.Join(" or ", formats)}. Default: {formats[0]}.", "FORMAT", formats);

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _format, _to, _url, _key, _data })
        {
            command.Options.Add(option);
        }
    }

    public ExportArguments Read(ParseResult parsed) => (parsed.GetValue(_data), parsed.GetValue(_url), parsed.GetValue(_key)) switch
    {
        ({ } folder, null, null) => new(parsed.GetValue(_format) ?? formats[0], parsed.GetValue(_to), folder, null, null),
        (null, var url, { } key) => new(parsed.GetValue(_format) ?? formats[0], parsed.GetValue(_to), null, url ?? new Uri("http://127.0.0.1:8080"), key),
        _ => throw new CommandException("name --key KEY, and --url URL if it is not http://127.0.0.1:8080, for a silo that runs, or --data DIR for one that is stopped."),
    };
}

/// <summary>What to export, from where and where to: either <paramref name="Folder"/>, or <paramref name="Url"/> and <paramref name="Key"/>.</summary>
internal sealed record ExportArguments(string Format, string? To, string? Folder, Uri? Url, string? Key);
