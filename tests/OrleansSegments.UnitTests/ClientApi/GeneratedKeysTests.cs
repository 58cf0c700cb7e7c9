using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class GeneratedKeysTests
{
    [Fact]
    public void Without_configured_keys_three_random_ones_grant_their_rights()
    {
        var options = Options.Create(new ClientApiOptions());
        var keys = new GeneratedKeys(options);
        var ring = new KeyRing(options, keys);
        Assert.True(keys.Exist);
        Assert.Equal(KeyRights.Write, ring.RightsOf(keys.WriteKey!));
        Assert.Equal(KeyRights.Read, ring.RightsOf(keys.ReadKey!));
        Assert.Equal(KeyRights.Write | KeyRights.Read | KeyRights.Admin, ring.RightsOf(keys.AdminKey!));
        Assert.NotEqual(keys.WriteKey, new GeneratedKeys(options).WriteKey);
    }

    [Fact]
    public void With_one_configured_key_none_is_generated()
    {
        var options = Options.Create(new ClientApiOptions { ReadKeys = ["r"] });
        var keys = new GeneratedKeys(options);
        Assert.False(keys.Exist);
        Assert.Null(keys.WriteKey);
        Assert.Equal(KeyRights.None, new KeyRing(options, keys).RightsOf(""));
    }
}
