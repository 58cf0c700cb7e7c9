using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Places a customer on the silo determined by the hash of its id, so that one call can reach many of a silo's customers. A grain whose key
/// is a silo's name is placed there; all others by the hash of their key.
/// </summary>
internal sealed class OwnerPlacement : PlacementStrategy;

/// <summary>
/// Silos with briefly different membership views may place a grain differently; the directory keeps the first registration, and calls reach
/// it there.
/// </summary>
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

/// <summary>The cluster's membership as seen by this silo. A silo's name contains its start, so a restarted silo has a new name.</summary>
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
