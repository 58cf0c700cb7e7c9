using System.Collections.Immutable;
using Orleans.Runtime;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

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
