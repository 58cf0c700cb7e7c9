using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Places a customer on the silo that its id falls to, so that whoever has many of a silo's customers to call can ask that silo to. A grain
/// whose key is a silo's name is placed there; any other where the hash of its key says.
/// </summary>
internal sealed class OwnerPlacement : PlacementStrategy;

/// <summary>Silos that see different members for a moment may place a grain differently; the directory keeps the first, and calls reach it wherever it is.</summary>
internal sealed class OwnerPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        string key = target.GrainIdentity.Key.ToString()!;
        SiloAddress? named = silos.FirstOrDefault(silo => ClusterSilos.NameOf(silo) == key);
        return Task.FromResult(named ?? OwnerOf(CustomerKey.CustomerIdOrKey(key), silos));
    }

    private static SiloAddress OwnerOf(string id, SiloAddress[] silos)
    {
        var view = new SiloView("", silos.Select(ClusterSilos.NameOf));
        string owner = view.Silos[view.OwnerOf(id)];
        return silos.First(silo => ClusterSilos.NameOf(silo) == owner);
    }
}

/// <summary>The membership of the cluster, as this silo's runtime sees it. A silo's name holds its start, so that one that starts again is another.</summary>
internal sealed class ClusterSilos(IClusterMembershipService membership, ILocalSiloDetails self) : ISiloMembership
{
    private Seen? _seen;

    public SiloView Current
    {
        get
        {
            ClusterMembershipSnapshot snapshot = membership.CurrentSnapshot;
            Seen? seen = Volatile.Read(ref _seen);
            if (seen?.Version != snapshot.Version)
            {
                seen = new Seen(snapshot.Version, new SiloView(NameOf(self.SiloAddress), Active(snapshot.Members).Select(NameOf)));
                Volatile.Write(ref _seen, seen);
            }

            return seen.View;
        }
    }

    public static string NameOf(SiloAddress address) => address.ToParsableString();

    private static IEnumerable<SiloAddress> Active(ImmutableDictionary<SiloAddress, ClusterMember> members) =>
        members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress);

    private sealed record Seen(MembershipVersion Version, SiloView View);
}
