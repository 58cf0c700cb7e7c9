using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Workers;

/// <summary>
/// Forwards each call to the service of this silo that does the work. Owns nothing; a crash loses the ranges in progress, which other silos
/// then do.
/// </summary>
public sealed class PopulationWorker(
    ModelCache models,
    RolloutWork rollout,
    TrainingWork training,
    StatisticsWork statistics,
    ICustomerStore store,
    Reconsiderations reconsiderations,
    IHostApplicationLifetime host)
    : Grain, IPopulationWorker
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        training.Rest();
        return Task.CompletedTask;
    }

    /// <summary>Cancelled when the silo stops: it polls for no more models, and its shutdown would wait for this call.</summary>
    public Task AwaitModel(int version) => models.WaitForNewerAsync(version - 1, host.ApplicationStopping);

    public Task<RolloutResult> RollOut(IdRange range, int modelVersion) => rollout.RollOutAsync(range, modelVersion);

    public Task EndRollout(int version)
    {
        models.CompleteRollout(version);
        return Task.CompletedTask;
    }

    public async Task<ReconsiderReceipt[]> Reconsider(string[] customerIds, ReconsiderReason reason)
    {
        IReadOnlyList<CustomerRecord?> records = await store.ReadManyAsync(customerIds, CancellationToken.None);
        return await reconsiderations.RunAsync(
            [.. customerIds.Zip(records, (id, record) => new StoredCustomer(id, record!, DueAtMilliseconds: null)).Where(c => c.Record is not null)], reason, CancellationToken.None);
    }

    public Task<SketchResult> Sketch(TrainingShare share) => training.SketchAsync(share);

    public Task<SampleResult> Sample(TrainingShare share, ScalingValues scaling) => training.SampleAsync(share, scaling);

    public Task<RoundResult> Round(TrainingShare share, ScalingValues scaling, CentroidValues? previous, CentroidValues centroids) =>
        training.RoundAsync(share, scaling, previous, centroids);

    public Task<EvidenceResult> Describe(TrainingShare share, ScalingValues scaling, CentroidValues centroids) =>
        training.DescribeAsync(share, scaling, centroids);

    public Task EndTraining(Guid session)
    {
        training.End(session);
        return Task.CompletedTask;
    }

    public Task<FeatureSums[]> AddUp(IdRange range, long atMilliseconds) => statistics.AddUpAsync(range, atMilliseconds);

    public Task<SampledCustomer[]> SampleCustomers(IdRange range, ScalingValues scaling, long atMilliseconds, ulong hashMax) =>
        statistics.SampleAsync(range, scaling, atMilliseconds, hashMax);
}
