using System.Diagnostics.CodeAnalysis;
using Orleans.GrainDirectory;
using Orleans.Runtime;
using Orleans.Runtime.GrainDirectory;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Grain directory of a single silo: every grain is local, so nothing is stored. Orleans' own directory and its cache take 400 bytes per
/// active grain. The silo's activation table ensures that a grain has one activation.
/// </summary>
internal sealed class LoneDirectory(ILocalSiloDetails silo) : IGrainDirectory, IGrainDirectoryCache
{
    public IEnumerable<(GrainAddress ActivationAddress, int Version)> KeyValues => [];

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) => Register(address);

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;

    public bool LookUp(GrainId key, [NotNullWhen(true)] out GrainAddress? result, out int version)
    {
        (result, version) = (new GrainAddress { GrainId = key, SiloAddress = silo.SiloAddress }, 0);
        return true;
    }

    public void AddOrUpdate(GrainAddress value, int version)
    {
    }

    public bool Remove(GrainId key) => false;

    public bool Remove(GrainAddress key) => false;

    public void Clear()
    {
    }
}
