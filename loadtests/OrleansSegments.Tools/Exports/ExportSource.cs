using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSegments.ClientApi.Files;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.Silo;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Exports;

/// <summary>
/// Where an export comes from: a running API, or a silo that is started on a data folder for it. The latter is asked over loopback too, so that there is
/// one way to read everybody.
/// </summary>
internal sealed class ExportSource : IAsyncDisposable
{
    private readonly SiloHost? _silo;
    private readonly HttpClient _client;

    private ExportSource(SiloHost? silo, Uri address, string? key)
    {
        _silo = silo;
        _client = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public static async Task<ExportSource> OpenAsync(ExportArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Url is { } url)
        {
            return new ExportSource(null, url, arguments.Key);
        }

        DataFolder.Require(arguments.Folder!);
        var settings = new SiloSettings(StoreArguments.InFolder(arguments.Folder!), Urls: null, ScheduledTraining: false, IsQuiet: true);
        SiloHost silo = await StartAsync(settings, cancellationToken);
        var keys = silo.Service<GeneratedKeys>();
        return new ExportSource(silo, new Uri(silo.Addresses), keys.ReadKey ?? keys.AdminKey);
    }

    public async Task<ExportStream> ReadAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.IsSuccessStatusCode && answer.Headers.Contains(ExportHeaders.Lines))
        {
            return new ExportStream(answer, await answer.Content.ReadAsStreamAsync(cancellationToken));
        }

        using (answer)
        {
            throw new CommandException($"{_client.BaseAddress} answered {(int)answer.StatusCode}: {await MessageOfAsync(answer, cancellationToken)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    private static async Task<SiloHost> StartAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await SiloHost.StartAsync(settings, cancellationToken);
        }
        catch (IOException problem)
        {
            throw new CommandException($"{problem.Message} A silo that runs exports with --url and --key.");
        }
    }

    private static async Task<string> MessageOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))?["message"] ?? "it exports nothing. Check --url.";
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException)
        {
            return "no API of ours answers there. Check --url.";
        }
    }
}

/// <summary>The answer to an export: the lines, and the instant that they speak of.</summary>
internal sealed class ExportStream(HttpResponseMessage answer, Stream content) : IDisposable
{
    public Stream Content => content;

    public long Lines => long.Parse(Header(ExportHeaders.Lines), CultureInfo.InvariantCulture);

    public string AsOf => Header(ExportHeaders.AsOf);

    public string Sequence => Header(ExportHeaders.Sequence);

    public string ModelVersion => Header(ExportHeaders.ModelVersion);

    public void Dispose() => answer.Dispose();

    private string Header(string name) => answer.Headers.GetValues(name).Single();
}
