using System.Security.Cryptography;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.Webhooks;

/// <summary>
/// Owns one webhook: what was decided about it, its secrets, its cursor, its last deliveries. Key: its id. The cursor is written every ten seconds while it
/// moves and when the grain goes, so a crash repeats the deliveries of ten seconds and loses none. View, Deliveries and Test interleave with
/// commands: the stored state is replaced as a whole, and they read it once.
/// </summary>
public sealed class WebhookGrain(
    [PersistentState("webhook", "control")] IPersistentState<WebhookState> state, WebhookServices services) : Grain, IWebhookGrain
{
    private const int SecretBytes = 32;

    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long messages are signed with the previous secret too.</summary>
    private static readonly TimeSpan RotationMax = TimeSpan.FromDays(1);

    private WebhookCourier? _courier;
    private DateTimeOffset _writtenAt;

    private long Id => this.GetPrimaryKeyLong();

    private bool Exists => state.State.Url.Length > 0;

    private DateTimeOffset Now => services.Clock.GetUtcNow();

    public async Task<WebhookReceipt> Create(WebhookSettings settings, long cursor)
    {
        WebhookState made = new WebhookState { Secret = NewSecret(), CreatedAt = Now, Progress = new CourierProgress(cursor) }.With(settings, Now);
        return await Accept(made) is { } refused ? refused : new WebhookReceipt(WebhookStatus.Done, await View(), made.Secret);
    }

    public async Task EnsureRunning()
    {
        if (!Exists)
        {
            return;
        }

        if (_courier is null && state.State.Progress.DisabledAt is null)
        {
            _courier = services.Start(new WebhookTarget(Id, state.State), state.State);
        }

        services.Note(Id, () => Progress);
        if (Progress != state.State.Progress && (Now - _writtenAt >= WriteInterval || Progress.DisabledAt is not null || services.IsStopping))
        {
            await Write(Current());
        }

        if (Progress.DisabledAt is not null)
        {
            await Stop();
        }
    }

    public ValueTask<WebhookView?> View()
    {
        WebhookState now = state.State;
        CourierProgress progress = Progress;
        return new(!Exists ? null : new WebhookView(
            Id, now.Url, now.Segments, now.Causes, now.Format, WebhookStates.Of(progress), progress.Reason, progress.FailingSince, progress.RetryAt, progress.DisabledAt,
            now.CreatedAt, now.PreviousSecretUntil > Now ? now.PreviousSecretUntil : null, progress.Cursor, services.LagOf(progress)));
    }

    public ValueTask<WebhookDelivery[]> Deliveries() => new([.. (_courier?.Kept ?? state.State.Deliveries).Reverse()]);

    public Task<WebhookReceipt> Change(WebhookSettings settings) => Change(now => now.With(settings, Now));

    public async Task<WebhookDelivery?> Test() => Exists
        ? (await services.Sender.SendAsync(WebhookMessage.Test(new WebhookTarget(Id, state.State), Now), isProbe: true, CancellationToken.None)).Delivery
        : null;

    public async Task<WebhookReceipt> Replay(long from) => Exists && (from < 1 || from > Progress.Cursor + 1)
        ? new WebhookReceipt(WebhookStatus.Invalid, await View(), Problem: $"from is {from}; it must be 1 to {Progress.Cursor + 1}, the sequence that is delivered next.")
        : await Change(now => now with { Progress = now.Progress with { Cursor = from - 1 } });

    public async Task<WebhookReceipt> Rotate()
    {
        string secret = NewSecret();
        WebhookReceipt receipt = await Change(now => now with { Secret = secret, PreviousSecret = now.Secret, PreviousSecretUntil = Now + RotationMax });
        return receipt.Status == WebhookStatus.Done ? receipt with { Secret = secret } : receipt;
    }

    public async Task Delete()
    {
        await Stop();
        services.Forget(Id);
        if (state.RecordExists)
        {
            await state.ClearStateAsync();
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Stop();
        services.Forget(Id);
        if (Exists && Progress != state.State.Progress)
        {
            await Write(Current());
        }
    }

    private CourierProgress Progress => _courier?.Progress ?? state.State.Progress;

    /// <summary>The state with what the courier achieved.</summary>
    private WebhookState Current() => state.State with { Progress = Progress, Deliveries = _courier?.Kept ?? state.State.Deliveries };

    /// <summary>Stops the deliveries, stores a changed state, and continues with it.</summary>
    private async Task<WebhookReceipt> Change(Func<WebhookState, WebhookState> change)
    {
        if (!Exists)
        {
            return new WebhookReceipt(WebhookStatus.NotFound);
        }

        await Stop();
        WebhookReceipt? refused = await Accept(change(state.State));
        await EnsureRunning();
        return refused ?? new WebhookReceipt(WebhookStatus.Done, await View());
    }

    private async Task<WebhookReceipt?> Accept(WebhookState changed)
    {
        if (WebhookTarget.ProblemOf(changed, services.Options) is { } problem)
        {
            return new WebhookReceipt(WebhookStatus.Invalid, await View(), Problem: problem);
        }

        await Write(changed);
        return null;
    }

    private async Task Stop()
    {
        if (_courier is { } courier)
        {
            await courier.DisposeAsync();
            state.State = Current();
            _courier = null;
        }
    }

    private async Task Write(WebhookState changed)
    {
        WebhookState former = state.State;
        state.State = changed;
        try
        {
            await state.WriteStateAsync();
            _writtenAt = Now;
        }
        catch
        {
            state.State = former;
            throw;
        }
    }

    private static string NewSecret() => $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))}";
}
