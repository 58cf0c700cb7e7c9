using OrleansSegments.Grains.Silos;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>The silos as one of them sees them, without those that the test lets it lose sight of.</summary>
internal sealed class PartialView(ISiloMembership membership) : ISiloMembership
{
    private volatile string[] _hidden = [];

    public SiloView Current
    {
        get
        {
            var view = membership.Current;
            return _hidden.Length == 0 ? view : new SiloView(view.Self, view.Silos.Except(_hidden));
        }
    }

    public void Hide(params string[] silos) => _hidden = silos;
}
