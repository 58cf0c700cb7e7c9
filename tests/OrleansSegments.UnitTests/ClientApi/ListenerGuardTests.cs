using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ListenerGuardTests
{
    [Fact]
    public async Task A_server_that_listens_beyond_loopback_without_keys_does_not_start_whatever_the_options_say()
    {
        await using var app = Keyless("http://0.0.0.0:0");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());
        Assert.Contains("ClientApi__WriteKeys__0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_loopback_it_starts_with_generated_keys()
    {
        await using var app = Keyless("http://127.0.0.1:0");
        await app.StartAsync();
        Assert.True(app.Services.GetRequiredService<GeneratedKeys>().Exist);
    }

    private static WebApplication Keyless(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton(GrainFactoryProxy.Create().Factory);
        builder.Services.AddSingleton<TimeProvider>(new TestTime());
        builder.AddClientApi(_ => { });
        var app = builder.Build();
        app.MapClientApi();
        return app;
    }
}
