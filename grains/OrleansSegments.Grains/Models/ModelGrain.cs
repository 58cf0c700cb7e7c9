using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Grains.Models;

/// <summary>
/// Owns the published model, its predecessors and the roll-out's progress. Key: 0. A crash loses nothing: a model is persisted before it is
/// announced. Interleaving methods only read, or replace one field in one step; writes are serialized.
/// </summary>
public sealed class ModelGrain(
    [PersistentState("model", "control")] IPersistentState<ModelGrainState> state,
    RolloutDriver driver,
    CatalogueHistory catalogues,
    IHostApplicationLifetime host,
    TimeProvider clock) : Grain, IModelGrain
{
    /// <summary>Trained models kept with their centroids, for publishing again: they are one document, which every training writes whole.</summary>
    private const int KeptMax = 10;

    private TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RolloutProgress _rollout = None;

    private static RolloutProgress None => new(0, true, 0, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _rollout = state.State.Rollout ?? None;
        EnsureRollout();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        driver.Stop();
        return Task.CompletedTask;
    }

    public ValueTask<PublishedModel> Current() => new(CurrentModel());

    public async Task<PublishedModel?> Next(int afterVersion, TimeSpan wait)
    {
        // Every silo polls this method, so a roll-out whose driver died is restarted here.
        EnsureRollout();
        if (state.State.CurrentVersion <= afterVersion)
        {
            await Task.WhenAny(_published.Task, Task.Delay(wait, host.ApplicationStopping));
        }

        return state.State.CurrentVersion > afterVersion ? CurrentModel() : null;
    }

    public Task<PublishedModel?> Find(int version) => Task.FromResult(state.State.Kept.Find(m => m.Version == version));

    public ValueTask<ModelSummary[]> List() => new([.. state.State.Kept.Select(m => m.Summary).Reverse()]);

    public async Task<PublishedModel> Submit(TrainedModel model)
    {
        if (model.Version <= state.State.LastVersion)
        {
            throw new ArgumentException($"Model {model.Version} is not newer than {state.State.LastVersion}, the last submitted one.", nameof(model));
        }

        if (CurrentModel().Summary.Catalogue is { } inForce && model.Summary.Catalogue != inForce && !ModelDocuments.IsCarriedOver(model.Document))
        {
            throw new StateLayoutException($"Model {model.Version} was trained by a silo whose features.json is no longer in force.");
        }

        var kept = new PublishedModel(model.Version, model.Document, model.Summary);
        await Keep(kept, model.Definitions);
        return kept;
    }

    public async Task<PublishedModel?> Republish(int version)
    {
        PublishedModel? earlier = state.State.Kept.Find(m => m.Version == version);
        if (earlier is null)
        {
            return null;
        }

        int next = state.State.LastVersion + 1;
        var again = ModelDocuments.CarryOver(earlier, catalogues, next) is { } carried
            ? new PublishedModel(next, carried.Document, carried.Summary)
            : new PublishedModel(next, ModelDocuments.WithVersion(earlier.Document, next), earlier.Summary with { Version = next, Published = true });
        again = again with { Summary = again.Summary with { Reason = $"model {version} published again" } };
        await Keep(again, ModelDocuments.Definitions(again.Document));
        return again;
    }

    public ValueTask<RolloutProgress> Rollout() => new(_rollout);

    public async Task Report(RolloutProgress progress)
    {
        if (progress.ModelVersion != state.State.CurrentVersion || (_rollout.ModelVersion == progress.ModelVersion && _rollout.Complete))
        {
            return;
        }

        _rollout = progress with { CompletedAt = progress.Complete ? clock.GetUtcNow() : null };
        if (progress.Complete)
        {
            state.State.Rollout = _rollout;
            await state.WriteStateAsync();
        }
    }

    private PublishedModel CurrentModel() =>
        state.State.Kept.Find(m => m.Version == state.State.CurrentVersion) ?? ModelDocuments.BeforeTraining with
        {
            Summary = ModelDocuments.BeforeTraining.Summary.Under(catalogues.Current!),
        };

    private async Task Keep(PublishedModel model, SegmentDefinition[] definitions)
    {
        state.State.LastVersion = model.Version;
        state.State.Kept.Add(model);
        if (model.Summary.Published)
        {
            state.State.CurrentVersion = model.Version;
            _rollout = new RolloutProgress(model.Version, false, 0, 0, clock.GetUtcNow(), null);
            state.State.Rollout = _rollout;
        }

        while (state.State.Kept.Count > KeptMax)
        {
            state.State.Kept.RemoveAt(state.State.Kept.FindIndex(m => m.Version != state.State.CurrentVersion));
        }

        await state.WriteStateAsync();
        if (model.Summary.Published)
        {
            await Task.WhenAll(definitions.Select(d => GrainFactory.GetGrain<ISegmentGrain>(d.SegmentId).Define(d)));
            TaskCompletionSource published = _published;
            _published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            published.SetResult();
            EnsureRollout();
        }
    }

    private void EnsureRollout()
    {
        if (!_rollout.Complete && _rollout.ModelVersion == state.State.CurrentVersion)
        {
            driver.Ensure(_rollout.ModelVersion);
        }
    }
}

/// <summary>Persistent state of the model grain.</summary>
public sealed class ModelGrainState
{
    /// <summary>The highest version ever assigned, published or refused.</summary>
    public int LastVersion { get; set; }

    /// <summary>The published version; 0 before the first training.</summary>
    public int CurrentVersion { get; set; }

    /// <summary>Kept models, oldest first.</summary>
    public List<PublishedModel> Kept { get; set; } = [];

    /// <summary>The roll-out as it was at its start or its completion.</summary>
    public RolloutProgress? Rollout { get; set; }
}
