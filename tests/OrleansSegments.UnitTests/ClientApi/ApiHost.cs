using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Exports;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>The API on a free loopback port over fake grains, with one key of each kind.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string WriteKey = "write-key";
    public const string ReadKey = "read-key";
    public const string AdminKey = "admin-key";

    /// <summary>Long enough to be reached only by a hang.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private ApiHost(WebApplication app)
    {
        App = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = Deadline };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    /// <summary>A client with the admin key.</summary>
    public HttpClient Client { get; }

    public FakeEventRouter Router { get; private init; } = null!;

    public FakeCustomer Customer { get; private init; } = null!;

    public FakeSearch Search { get; private init; } = null!;

    public FakeSegment Segment { get; private init; } = null!;

    public FakeChangeFeed Feed { get; private init; } = null!;

    public FileTests.FakeExport Export { get; private init; } = null!;

    public FakeModels Models { get; private init; } = null!;

    public FakeProbe Probe { get; private init; } = null!;

    public FakeWebhooks Webhooks { get; private init; } = null!;

    public static async Task<ApiHost> StartAsync(Action<ClientApiOptions>? configure = null, string customerId = "ada", StoreClock? clock = null, IStoreBackup? backup = null, bool withGeneratedKeys = false, bool withConsole = false)
    {
        var (factory, grains) = GrainFactoryProxy.Create();
        var (router, feed, models, probe) = (new FakeEventRouter(), new FakeChangeFeed(), new FakeModels(), new FakeProbe());
        var (customer, search, segment) = (new FakeCustomer(customerId, known: true), new FakeSearch(), new FakeSegment(known: true));
        grains.Add<IEventRouter>(0L, router);
        grains.Add<IEventCatalogueGrain>(0L, new FakeEventCatalogue());
        grains.Add<IRejectionsGrain>(0L, new FakeRejections());
        grains.Add<ICustomerGrain>(CustomerKey.Of(customerId), customer);
        grains.Add<ICustomerGrain>(CustomerKey.Of("nobody"), new FakeCustomer("nobody", known: false));
        grains.Add<ICustomerSearch>(0L, search);
        grains.Add<ISegmentCensus>(0L, new FakeSegments());
        grains.Add<ISegmentMap>(0L, new FakeSegmentMap());
        grains.Add<ISegmentGrain>(2L, segment);
        grains.Add<ISegmentGrain>(9L, new FakeSegment(known: false));
        grains.Add<IChangeFeed>(0L, feed);
        var export = new FileTests.FakeExport();
        grains.Add<IExportGrain>(Guid.Empty, export);
        var webhooks = new FakeWebhooks();
        grains.Add<IWebhookList>(0L, webhooks);
        grains.Add<IWebhookGrain>(1L, webhooks);
        grains.Add<IWebhookGrain>(2L, new FakeWebhooks(exists: false));
        grains.Add<IModelGrain>(0L, models);
        grains.Add<ITrainingGrain>(0L, models);
        var app = await StartAsync(factory, probe, clock, backup, options =>
        {
            (options.WriteKeys, options.ReadKeys, options.AdminKeys) = withGeneratedKeys ? (options.WriteKeys, options.ReadKeys, options.AdminKeys) : ([WriteKey], [ReadKey], [AdminKey]);
            options.Console = withConsole;
            configure?.Invoke(options);
        });
        return new ApiHost(app) { Router = router, Customer = customer, Search = search, Segment = segment, Feed = feed, Export = export, Models = models, Probe = probe, Webhooks = webhooks };
    }

    public async Task<(HttpResponseMessage Response, JsonElement Json)> GetAsync(string path)
    {
        var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return (response, await JsonOf(response));
    }

    public Task<(HttpResponseMessage Response, JsonElement Json)> PostAsync(string path, string body) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body));

    public async Task<(HttpResponseMessage Response, JsonElement Json)> PostAsync(string path, byte[] body, params string[] contentEncoding)
    {
        // No media type, as sent by careless clients.
        using var content = new ByteArrayContent(body);
        Array.ForEach(contentEncoding, content.Headers.ContentEncoding.Add);

        var response = await Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return (response, await JsonOf(response));
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }

    private static async Task<WebApplication> StartAsync(IGrainFactory factory, FakeProbe probe, StoreClock? clock, IStoreBackup? backup, Action<ClientApiOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(factory);
        builder.Services.AddSingleton<TimeProvider>(new TestTime());
        builder.Services.AddHealthChecks().AddCheck("probe", probe);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        if (backup is not null)
        {
            builder.Services.AddSingleton(backup);
        }

        builder.AddClientApi(configure);
        var app = builder.Build();
        app.MapClientApi();
        await app.StartAsync();
        return app;
    }
}

/// <summary>A clock that stands still at noon; its timers run normally.</summary>
/// <param name="now">A moment other than <see cref="Noon"/>.</param>
internal sealed class TestTime(DateTimeOffset? now = null) : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now ?? Noon;
}
