using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSegments.Client;

/// <summary>
/// A client of the HTTP API: sends events, asks for customers and segments, follows changes. One for a process; thread-safe. Queries are repeated while the
/// API is busy or starting, for up to <see cref="SegmentsClientOptions.RequestTimeout"/>; what it refuses is a <see cref="SegmentsException"/>.
/// </summary>
public sealed class SegmentsClient : IAsyncDisposable
{
    private const int PageMax = 1_000;

    private readonly SegmentsClientOptions _options;
    private readonly HttpClient _http;
    private readonly ApiCaller _api;

    /// <param name="options">Where the API is, and the keys.</param>
    /// <param name="handler">Sends the requests, and belongs to the client from now on; null for the usual one.</param>
    public SegmentsClient(SegmentsClientOptions options, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;

        // Each request has a time limit of its own, and a stream has none. A relative path continues the address, which may have one itself.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.GZip })
        {
            BaseAddress = new Uri(options.Address.ToString().TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _api = new ApiCaller(_http, options);
        Events = new EventSender(options, _api);
    }

    /// <summary>Sends events in the background.</summary>
    public EventSender Events { get; }

    /// <summary>A customer now; null when it does not exist.</summary>
    public Task<Customer?> GetCustomerAsync(string customerId, CancellationToken cancellationToken = default) =>
        FindAsync($"v1/customers/{Escape(customerId)}", ClientJson.Default.Customer, cancellationToken);

    /// <summary>Why a customer is in its segment; null when it does not exist.</summary>
    public Task<Explanation?> ExplainAsync(string customerId, CancellationToken cancellationToken = default) =>
        FindAsync($"v1/customers/{Escape(customerId)}/explanation", ClientJson.Default.Explanation, cancellationToken);

    /// <summary>The newest changes of a customer, newest first; none for one that does not exist.</summary>
    /// <param name="limit">1 to 1,000.</param>
    public async Task<IReadOnlyList<Change>> GetHistoryAsync(string customerId, int limit = 100, CancellationToken cancellationToken = default) =>
        (await FindAsync($"v1/customers/{Escape(customerId)}/history?limit={limit}", ClientJson.Default.HistoryAnswer, cancellationToken).ConfigureAwait(false))?.Transitions ?? [];

    /// <summary>All segments at one moment.</summary>
    public Task<SegmentList> GetSegmentsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/segments", ClientJson.Default.SegmentList, cancellationToken);

    /// <summary>One segment; null when there never was one of this id.</summary>
    public Task<SegmentDetails?> GetSegmentAsync(string segmentId, CancellationToken cancellationToken = default) =>
        FindAsync($"v1/segments/{Escape(segmentId)}", ClientJson.Default.SegmentDetails, cancellationToken);

    /// <summary>The members of a segment, ordered by id. Who joins or leaves meanwhile may or may not be among them; nobody else is repeated or left out.</summary>
    public IAsyncEnumerable<string> GetMembersAsync(string segmentId, CancellationToken cancellationToken = default) => PagesAsync(
        $"v1/segments/{Escape(segmentId)}/members?", ClientJson.Default.MembersAnswer, static page => page.Members, static page => page.NextCursor, cancellationToken);

    /// <summary>The customers whose ids begin with a text, ordered by id.</summary>
    public IAsyncEnumerable<FoundCustomer> FindByPrefixAsync(string prefix, CancellationToken cancellationToken = default) =>
        FindCustomersAsync($"prefix={Escape(prefix)}", cancellationToken);

    /// <summary>The customers with a value of an indexed trait, such as email; blanks around it and capital letters do not matter.</summary>
    public IAsyncEnumerable<FoundCustomer> FindByTraitAsync(string trait, string value, CancellationToken cancellationToken = default) =>
        FindCustomersAsync($"trait={Escape(trait)}&value={Escape(value)}", cancellationToken);

    /// <summary>
    /// Changes as they become durable, for ever, over disconnects and restarts: it resumes where it was, and no change is missed or repeated.
    /// </summary>
    /// <param name="after">The sequence of the last change that is known; 0 for all, null for those from now on.</param>
    /// <param name="filter">Which changes; null for all.</param>
    public IAsyncEnumerable<Change> FollowChangesAsync(long? after = null, ChangeFilter? filter = null, CancellationToken cancellationToken = default) =>
        new ChangeStream(_options, _api, after, filter ?? new ChangeFilter()).ReadAsync(cancellationToken);

    /// <summary>Sends what waits, within <see cref="SegmentsClientOptions.CloseTimeout"/>, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await Events.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private IAsyncEnumerable<FoundCustomer> FindCustomersAsync(string criterion, CancellationToken cancellationToken) => PagesAsync(
        $"v1/customers?{criterion}&", ClientJson.Default.FoundAnswer, static page => page.Customers, static page => page.NextCursor, cancellationToken);

    private async IAsyncEnumerable<TItem> PagesAsync<TPage, TItem>(
        string path, JsonTypeInfo<TPage> type, Func<TPage, TItem[]> items, Func<TPage, string?> next, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TPage : class
    {
        string? cursor = "";
        while (cursor is not null)
        {
            TPage page = await GetAsync($"{path}limit={PageMax}{(cursor.Length == 0 ? "" : $"&cursor={Escape(cursor)}")}", type, cancellationToken).ConfigureAwait(false);
            foreach (TItem item in items(page))
            {
                yield return item;
            }

            cursor = next(page);
        }
    }

    private async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await GetAsync(path, type, cancellationToken).ConfigureAwait(false);
        }
        catch (SegmentsException absent) when (absent.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => _api.AskAsync(
            () => new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)), _options.ReadKey, _options.RequestTimeout, type, cancellationToken);
}
