using OrleansSegments.Contracts.Models;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Model 4 is published, 3 is kept; a training makes 5.</summary>
internal sealed class FakeModels : IModelGrain, ITrainingGrain
{
    public TrainingRequest? Asked { get; private set; }

    public ValueTask<PublishedModel> Current() => ValueTask.FromResult(Model(4));

    public Task<PublishedModel?> Next(int afterVersion, TimeSpan wait) => throw new NotSupportedException();

    public Task<PublishedModel?> Find(int version) => Task.FromResult(version is 3 or 4 ? Model(version) : null);

    public ValueTask<ModelSummary[]> List() => ValueTask.FromResult<ModelSummary[]>([Summary(4), Summary(3)]);

    public Task<PublishedModel> Submit(TrainedModel model) => throw new NotSupportedException();

    public Task<PublishedModel?> Republish(int version) => Task.FromResult(version is 3 or 4 ? Model(5) : null);

    public ValueTask<RolloutProgress> Rollout() => ValueTask.FromResult(new RolloutProgress(4, false, 8, 2, TestTime.Noon, null));

    public Task Report(RolloutProgress progress) => throw new NotSupportedException();

    public Task EnsureScheduled() => throw new NotSupportedException();

    public Task<TrainingReport> Train(TrainingRequest request)
    {
        Asked = request;
        return Task.FromResult(new TrainingReport(true, "published", Summary(5), TimeSpan.FromMilliseconds(1_500)));
    }

    private static PublishedModel Model(int version) => new(version, """{"centroids":[[1,2]]}"""u8.ToArray(), Summary(version));

    private static ModelSummary Summary(int version) => new(
        version, true, "better", TestTime.Noon, TestTime.Noon, 10, 2, new() { ["inertia"] = 3.5 }, [new GateView("drift", 0.1, 0.3, true, "little drift")]);
}
