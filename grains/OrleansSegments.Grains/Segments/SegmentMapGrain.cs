using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Segments;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Owns the plane of the current model's map: fitted to the first sample under the model, and kept as long as the model. Key: 0. A crash
/// loses the latest map; the next call draws another on the same plane. Take interleaves safely: passes never overlap, and only they write
/// the plane.
/// </summary>
public sealed class SegmentMapGrain : Grain, ISegmentMap
{
    /// <summary>Points below which a map shows nothing.</summary>
    public const int CustomersMin = 10;

    /// <summary>Most points of a map, some 400 KB of JSON; more of them cover each other on a screen.</summary>
    public const int CustomersMax = 5_000;

    /// <summary>How many times as many customers are read as a map shows, so that there are enough whatever chance and newcomers do to a sample chosen by hash.</summary>
    private const int Reserve = 2;

    private const int FeaturesPerAxis = 3;

    /// <summary>As old as the statistics may be, for the same reason.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(5);

    private readonly IPersistentState<SegmentMapState> _state;
    private readonly PopulationSteps _steps;
    private readonly ICustomerStore _store;
    private readonly ModelCache _models;
    private readonly TimeProvider _clock;
    private readonly SharedPass<SegmentMap> _pass;

    public SegmentMapGrain(
        [PersistentState("segment-map", "control")] IPersistentState<SegmentMapState> state,
        PopulationSteps steps,
        ICustomerStore store,
        ModelCache models,
        TimeProvider clock)
    {
        (_state, _steps, _store, _models, _clock) = (state, steps, store, models, clock);
        _pass = new SharedPass<SegmentMap>(AgeMax, clock, DrawAsync, map => map.ModelVersion == models.Current.Version);
    }

    public async Task<SegmentMap> Take(int customers)
    {
        int version = _models.Current.Version;
        SegmentMap map;
        do
        {
            // A pass that began before the model was published is of the model before.
            map = await _pass.ReadAsync();
        }
        while (map.ModelVersion < version);
        int count = Math.Clamp(customers, CustomersMin, CustomersMax);
        return count < map.Points.Length ? map with { Points = map.Points[..count] } : map;
    }

    private async Task<SegmentMap> DrawAsync()
    {
        SegmentModel model = _models.Current.Model;
        DateTimeOffset asOf = _clock.GetUtcNow();
        if (model.IsBootstrap)
        {
            return new SegmentMap(asOf, model.Version, "There is no model before the first training: everybody is in one segment.", [], [], []);
        }

        SampledCustomer[] sample = await SampleAsync(model, asOf);
        if (sample.Length == 0)
        {
            return new SegmentMap(asOf, model.Version, "There are no customers.", [], [], []);
        }

        PrincipalPlane plane = await PlaneAsync(model, sample);
        return new SegmentMap(
            asOf,
            model.Version,
            Reason: null,
            [AxisOf(plane.X, model), AxisOf(plane.Y, model)],
            [.. Enumerable.Range(0, model.SegmentCount).Select(index => CentroidOf(plane, model, index))],
            Array.ConvertAll(sample, customer => PointOf(plane, customer)));
    }

    /// <summary>The customers with the lowest hashes, ascending.</summary>
    private async Task<SampledCustomer[]> SampleAsync(SegmentModel model, DateTimeOffset asOf)
    {
        long population = _store.Totals.Population;
        const long Wanted = Reserve * CustomersMax;
        ulong hashMax = population <= Wanted ? ulong.MaxValue : (ulong)(Math.Pow(2, 64) * Wanted / population);
        ScalingValues scaling = ScalingValues.Of(model.Scaling);
        PopulationSession session = await _steps.BeginAsync(CancellationToken.None);
        SampledCustomer[][] parts = await _steps.EachRangeAsync(
            session,
            (worker, part) => worker.SampleCustomers(session.Ranges[part], scaling, asOf.ToUnixTimeMilliseconds(), hashMax),
            CancellationToken.None);
        return [.. parts.SelectMany(p => p).OrderBy(c => Engine.Clustering.StableHash.Of(c.CustomerId)).Take(CustomersMax)];
    }

    private async Task<PrincipalPlane> PlaneAsync(SegmentModel model, SampledCustomer[] sample)
    {
        if (_state.State.Plane is not { } plane || _state.State.ModelVersion != model.Version)
        {
            float[] vectors = [.. sample.SelectMany(customer => customer.Vector)];
            plane = PrincipalPlane.Of(vectors, model.FeatureNames.Count);
            (_state.State.ModelVersion, _state.State.Plane) = (model.Version, plane);
            await _state.WriteStateAsync();
        }

        return plane;
    }

    private static MapAxis AxisOf(PrincipalAxis axis, SegmentModel model) => new(
        axis.VarianceShare,
        [.. axis.Direction.Select((loading, feature) => new AxisFeature(model.FeatureNames[feature], loading))
            .Where(feature => feature.Loading != 0)
            .OrderByDescending(feature => Math.Abs(feature.Loading))
            .Take(FeaturesPerAxis)]);

    private static MapCentroid CentroidOf(PrincipalPlane plane, SegmentModel model, int index)
    {
        (double x, double y) = plane.Project(model.Centroids[index]);
        return new MapCentroid(SegmentKey.Of(model.SegmentIds[index]), model.SegmentNames[index], (float)x, (float)y);
    }

    private static MapPoint PointOf(PrincipalPlane plane, SampledCustomer customer)
    {
        (double x, double y) = plane.Project(customer.Vector);
        return new MapPoint(customer.CustomerId, SegmentKey.Of(customer.SegmentId), (float)x, (float)y);
    }
}

/// <summary>Persistent state of the map.</summary>
public sealed class SegmentMapState
{
    /// <summary>The model of the plane.</summary>
    public int ModelVersion { get; set; }

    /// <summary>Null before the first map.</summary>
    public PrincipalPlane? Plane { get; set; }
}
