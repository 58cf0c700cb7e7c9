using Microsoft.AspNetCore.Components;

namespace OrleansSegments.ClientApi.Console.Live;

/// <summary>A page that shows the live figures: rendered at first with a fresh reading, then after every reading while it is open.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private IDisposable? _watch;

    [Inject]
    private protected LiveFeed Feed { get; set; } = null!;

    private protected LiveShop? Shop { get; private set; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _watch?.Dispose();
        _watch = null;
    }

    protected override async Task OnInitializedAsync() => Shop = await Feed.ReadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _watch = Feed.Watch(() => _ = InvokeAsync(RefreshAsync));
        }
    }

    /// <summary>Runs after every reading, before the page is rendered.</summary>
    private protected virtual Task OnReadingAsync() => Task.CompletedTask;

    private async Task RefreshAsync()
    {
        Shop = Feed.Current;
        await OnReadingAsync();
        StateHasChanged();
    }
}
