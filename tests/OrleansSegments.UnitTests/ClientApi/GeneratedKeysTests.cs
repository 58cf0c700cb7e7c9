using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.CrashTests.Files;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class GeneratedKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_folder_three_random_keys_open_what_they_are_for_as_long_as_the_process_lives()
    {
        await using var first = Host(null);
        await using var second = Host(null);
        var keys = Keys(first);
        var ring = first.Services.GetRequiredService<KeyRing>();
        Assert.True(keys.Exist);
        Assert.Null(keys.File);
        Assert.Equal(KeyRights.Write, ring.Find(keys.WriteKey!).Rights);
        Assert.Equal(KeyRights.Read, ring.Find(keys.ReadKey!).Rights);
        Assert.Equal(KeyRights.Write | KeyRights.Read | KeyRights.Traits | KeyRights.Admin, ring.Find(keys.AdminKey!).Rights);
        Assert.NotEqual(keys.WriteKey, Keys(second).WriteKey);
    }

    [Fact]
    public async Task With_one_configured_key_none_is_generated()
    {
        await using var host = Host(_folder.Path, options => options.ReadKeys = ["r"]);
        Assert.False(Keys(host).Exist);
        Assert.Null(Keys(host).WriteKey);
        Assert.Equal(KeyRights.None, host.Services.GetRequiredService<KeyRing>().Find("").Rights);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task In_a_folder_the_keys_are_made_once_and_only_this_user_can_read_them()
    {
        await using var first = Host(_folder.Path);
        await using var second = Host(_folder.Path);
        Assert.Equal((Keys(first).WriteKey, Keys(first).ReadKey, Keys(first).AdminKey), (Keys(second).WriteKey, Keys(second).ReadKey, Keys(second).AdminKey));
        Assert.Equal([Keys(first).File!], Directory.GetFiles(_folder.Path));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Keys(first).File!) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_file_without_keys_is_refused_by_its_name()
    {
        await File.WriteAllTextAsync(_folder["keys.json"], "{ not json");
        Assert.Contains(_folder["keys.json"], Assert.ThrowsAny<IOException>(() => Host(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotation_keeps_traits_keys_that_somebody_added_to_the_file()
    {
        await using (Host(_folder.Path))
        {
            // Makes the file.
        }

        var file = _folder["keys.json"];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"ReadKeys\"", "\"TraitsKeys\": [\"tk\"],\n\"ReadKeys\"", StringComparison.Ordinal));
        await using var host = Host(_folder.Path);
        await host.StartAsync();
        await RotateAsync(host, "read");
        Assert.Equal(KeyRights.Read | KeyRights.Traits, host.Services.GetRequiredService<KeyRing>().Find("tk").Rights);
    }

    [Fact]
    public async Task A_rotation_makes_a_key_and_keeps_the_one_before_and_no_other()
    {
        await using var host = Host(_folder.Path);
        await host.StartAsync();
        var ring = host.Services.GetRequiredService<KeyRing>();
        var (oldest, read) = (Keys(host).WriteKey!, Keys(host).ReadKey!);
        var middle = await RotateAsync(host, "write");
        Assert.Equal((KeyRights.Write, KeyRights.Write), (ring.Find(oldest).Rights, ring.Find(middle).Rights));
        var newest = await RotateAsync(host, "write");
        Assert.Equal((KeyRights.None, KeyRights.Write, KeyRights.Write), (ring.Find(oldest).Rights, ring.Find(middle).Rights, ring.Find(newest).Rights));
        Assert.Equal(KeyRights.Read, ring.Find(read).Rights);

        await using var next = Host(_folder.Path);
        Assert.Equal(newest, Keys(next).WriteKey);
        Assert.Equal(KeyRights.Write, next.Services.GetRequiredService<KeyRing>().Find(middle).Rights);
    }

    [Fact]
    public async Task A_file_that_is_edited_takes_effect_and_one_that_is_spoilt_does_not()
    {
        await using var host = Host(_folder.Path);
        var ring = host.Services.GetRequiredService<KeyRing>();
        var old = Keys(host).ReadKey!;
        var file = JsonNode.Parse(await File.ReadAllTextAsync(Keys(host).File!))!;
        file["ClientApi"]!["ReadKeys"] = new JsonArray("edited");
        await File.WriteAllTextAsync(Keys(host).File!, file.ToJsonString());
        Reload(host);
        Assert.Equal((KeyRights.Read, KeyRights.None), (ring.Find("edited").Rights, ring.Find(old).Rights));

        foreach (var spoilt in (string[])["{ half", "{}", """{"ClientApi":{"ReadKeys":[" "]}}"""])
        {
            await File.WriteAllTextAsync(Keys(host).File!, spoilt);
            Reload(host);
            Assert.Equal((KeyRights.Read, KeyRights.None), (ring.Find("edited").Rights, ring.Find(" ").Rights));
        }
    }

    [Fact]
    public async Task Settings_that_change_take_effect_and_two_keys_of_a_kind_are_valid_together()
    {
        await using var host = Host(null, settings: new() { ["ClientApi:WriteKeys:0"] = "old" });
        var ring = host.Services.GetRequiredService<KeyRing>();
        Assert.False(Keys(host).Exist);
        host.Configuration["ClientApi:WriteKeys:1"] = "new";
        Reload(host);
        Assert.Equal((KeyRights.Write, KeyRights.Write), (ring.Find("old").Rights, ring.Find("new").Rights));
        host.Configuration["ClientApi:WriteKeys:0"] = "newer";
        Reload(host);
        Assert.Equal((KeyRights.None, KeyRights.Write), (ring.Find("old").Rights, ring.Find("newer").Rights));
    }

    [Theory]
    [InlineData("", "invalid_kind", HttpStatusCode.BadRequest)]
    [InlineData("?kind=root", "invalid_kind", HttpStatusCode.BadRequest)]
    [InlineData("?kind=read", "keys_not_kept", HttpStatusCode.Conflict)]
    public async Task A_rotation_of_nothing_and_one_of_configured_keys_are_refused(string query, string code, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/admin/keys/rotate" + query, "");
        Assert.Equal((expected, code), (response.StatusCode, json.GetProperty("code").GetString()));
    }

    private static GeneratedKeys Keys(WebApplication host) => host.Services.GetRequiredService<GeneratedKeys>();

    private static void Reload(WebApplication host) => ((IConfigurationRoot)host.Configuration).Reload();

    private static async Task<string> RotateAsync(WebApplication host, string kind)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single()), Timeout = ApiHost.Deadline };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Keys(host).AdminKey);
        using var response = await client.PostAsync(new Uri($"/v1/admin/keys/rotate?kind={kind}", UriKind.Relative), null);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var json = await ApiHost.JsonOf(response);
        Assert.Equal(kind, json.GetProperty("kind").GetString());
        return json.GetProperty("key").GetString()!;
    }

    private static WebApplication Host(string? folder, Action<ClientApiOptions>? configure = null, Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddSingleton(GrainFactoryProxy.Create().Factory);
        builder.Services.AddSingleton<TimeProvider>(new TestTime());
        builder.AddClientApi(configure ?? (_ => { }), folder);
        var app = builder.Build();
        app.MapClientApi();
        return app;
    }
}
