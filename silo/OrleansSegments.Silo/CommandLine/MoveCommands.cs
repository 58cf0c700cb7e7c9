using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.CommandLine;

/// <summary><c>backup</c>, <c>restore</c> and <c>copy</c>: a whole store to another place, complete or not at all.</summary>
internal static class MoveCommands
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Backup()
    {
        Option<string?> data = OptionValues.Text("--data", "The data folder of a silo that is stopped.", "DIR");
        Option<string?> to = OptionValues.Text("--to", "The new folder; of a running silo its name below the silo's folder for backups. Needed with --data.", "DIR");
        Option<Uri?> url = CommonOptions.ApiUrl("A silo that runs, instead of --data.", null);
        Option<string?> key = OptionValues.Text("--key", "An admin key of that silo.", "KEY");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("backup", "Make a consistent copy of a data folder, while its silo runs or when it is stopped.") { data, to, url, key, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            BackupReport report = (parsed.GetValue(data), parsed.GetValue(url), parsed.GetValue(to), parsed.GetValue(key)) switch
            {
                ({ } folder, null, { } target, null) => await BackUpFolderAsync(folder, target, cancellationToken),
                (null, { } api, var name, { } adminKey) => await BackUpSiloAsync(api, name, adminKey, cancellationToken),
                _ => throw new CommandException(
                    "name --data DIR and --to DIR for a silo that is stopped, or --url URL and --key KEY for one that runs. A store on PostgreSQL is backed up with pg_dump; docs/operations.md has the command."),
            };
            Print(report, parsed.GetValue(json), report.Contents, $"{report.Path} is a backup of");
            return 0;
        });
        return command;
    }

    public static Command Restore()
    {
        Option<string> from = Needed("--from", "A folder that ./segments backup made.");
        Option<string> data = Needed("--data", "The new data folder.");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("restore", "Make a data folder of a backup, after checking that the backup is whole.") { from, data, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string target = Path.GetFullPath(parsed.GetValue(data)!);
            var line = new ProgressLine(Console.Error);
            BackupManifest manifest = await NewBackup(line).RestoreAsync(parsed.GetValue(from)!, target, cancellationToken);
            BackupReport report = ContentsReader.Report(target, manifest);
            line.End($"Restored from {report.MadeAt:yyyy-MM-dd HH:mm} UTC. Serve it with: ./segments up --data {ShellText.Quote(target)}");
            Print(report, parsed.GetValue(json), report.Contents, $"{target} holds");
            return 0;
        });
        return command;
    }

    public static Command Copy()
    {
        Option<string> from = Needed("--from", "The data folder of a silo that is stopped.");
        Option<string?> connection = OptionValues.Text(
            "--connection", "Of the database to copy to. Default: Store__ConnectionString, which hides a password from the list of processes.", "TEXT");
        Option<string?> schema = OptionValues.Text("--schema", "The schema to fill, new or empty. Default: Store__Schema, or segments.", "NAME");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("copy", "Copy everything of a data folder to PostgreSQL. The folder stays as it is.") { from, connection, schema, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new SettingsReader(HostBuilding.Create(isQuiet: true).Configuration);
            PostgresStoreOptions options = settings.Read<PostgresStoreOptions>(StoreSettings.Section, o =>
            {
                o.ConnectionString = parsed.GetValue(connection) ?? o.ConnectionString;
                o.Schema = parsed.GetValue(schema) ?? o.Schema;
            });
            settings.ThrowIfAny();
            await using EmbeddedStore source = await OpenAsync(parsed.GetValue(from)!, cancellationToken);
            long startedAt = Stopwatch.GetTimestamp();
            var line = new ProgressLine(Console.Error);
            IReadOnlyList<CopiedTable> tables = await PostgresImport.RunAsync(source, options, Progress(line), cancellationToken);
            StoreContents contents = await ContentsReader.ReadAsync(source);
            double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
            line.End($"Copied and compared in {seconds:N1} s: {string.Join(", ", tables.Select(t => $"{t.Rows:N0} {t.Name.Replace('_', ' ')}"))}.");
            Print(new { options.Schema, contents, tables, seconds }, parsed.GetValue(json), contents, $"Schema {options.Schema} holds");
            return 0;
        });
        return command;
    }

    private static Option<string> Needed(string name, string about) => new(name) { Description = about, HelpName = "DIR", Required = true };

    private static async Task<BackupReport> BackUpFolderAsync(string folder, string target, CancellationToken cancellationToken)
    {
        await using EmbeddedStore store = await OpenToBackUpAsync(folder, cancellationToken);
        var line = new ProgressLine(Console.Error);
        return ContentsReader.Report(Path.GetFullPath(target), await NewBackup(line).MakeAsync(store, target, cancellationToken));
    }

    private static async Task<EmbeddedStore> OpenToBackUpAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(folder, cancellationToken);
        }
        catch (StoreException problem)
        {
            throw new CommandException($"{problem.Message} A silo that runs is backed up with --url and --key.");
        }
    }

    private static async Task<BackupReport> BackUpSiloAsync(Uri api, string? name, string key, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = api, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        string query = name is null ? "" : $"?name={Uri.EscapeDataString(name)}";
        using HttpResponseMessage answer = await client.PostAsync(new Uri($"/v1/admin/backup{query}", UriKind.Relative), null, cancellationToken);
        string body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<BackupReport>(body, Json)!
            : throw new CommandException($"{api} answered {(int)answer.StatusCode}: {MessageOf(body)}");
    }

    private static string MessageOf(string body)
    {
        try
        {
            return (string?)JsonNode.Parse(body)?["message"] ?? body;
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException)
        {
            return "no API of ours answers there. Check --url.";
        }
    }

    private static Task<EmbeddedStore> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        DataFolder.Require(folder);
        EmbeddedStoreOptions options = StoreSettings.ReadEmbedded(new SettingsReader(HostBuilding.Create(isQuiet: true).Configuration), folder);
        return EmbeddedStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, cancellationToken);
    }

    private static EmbeddedBackup NewBackup(ProgressLine line) => new(ContentsReader.ReadAsJsonAsync, Progress(line), TimeProvider.System);

    private static MoveProgress Progress(ProgressLine line) => (unit, done, total) =>
    {
        if (line.IsDue)
        {
            line.Write($"{done:N0} of {total:N0} {unit}");
        }
    };

    private static void Print(object summary, bool asJson, StoreContents contents, string what)
    {
        if (asJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(summary, Json));
            return;
        }

        Console.Out.WriteLine($"{what} {contents.Customers:N0} customers, model {contents.ModelVersion}, changes up to {contents.LastTransition:N0}:");
        foreach (StoredSegment segment in contents.Segments.OrderByDescending(s => s.Size))
        {
            Console.Out.WriteLine($"  {segment.Id,-6} {segment.Size,12:N0}  {segment.Name}");
        }
    }
}
