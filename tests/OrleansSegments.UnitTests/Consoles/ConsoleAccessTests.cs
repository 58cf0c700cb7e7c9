using System.Net;
using System.Text.RegularExpressions;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.UnitTests.ClientApi;
using Xunit;

namespace OrleansSegments.UnitTests.Consoles;

/// <summary>Who gets into the console, and from where.</summary>
public sealed partial class ConsoleAccessTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/segments")]
    [InlineData("/customer?id=ada")]
    [InlineData("/models")]
    public async Task A_page_without_a_sign_in_leads_to_it(string path)
    {
        await using var host = await ApiHost.StartAsync(withConsole: true);
        using var browser = Browser(host);
        using var answer = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("/sign-in?to=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_a_header_opens_no_page_and_a_cookie_no_call_of_the_api()
    {
        await using var host = await ApiHost.StartAsync(withConsole: true);
        using var withKey = await host.Client.GetAsync(new Uri("/segments", UriKind.Relative));
        Assert.Contains("sign-in", withKey.RequestMessage!.RequestUri!.ToString(), StringComparison.Ordinal);

        using var browser = Browser(host);
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, ApiHost.AdminKey));
        using var page = await browser.GetAsync("/segments");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var api = await browser.GetAsync("/v1/segments");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task A_form_of_another_site_signs_nobody_in_or_out()
    {
        await using var host = await ApiHost.StartAsync(withConsole: true);
        using var browser = Browser(host);
        using var signIn = await browser.PostAsync("/sign-in", new FormUrlEncodedContent([new("_handler", "sign-in"), new("Key", ApiHost.AdminKey)]));
        Assert.Equal(HttpStatusCode.BadRequest, signIn.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, ApiHost.AdminKey));
        using var signOut = await browser.PostAsync("/sign-out", new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        using var page = await browser.GetAsync("/segments");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task An_unknown_key_is_refused()
    {
        await using var host = await ApiHost.StartAsync(withConsole: true);
        using var browser = Browser(host);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, "no-key"));
    }

    [Theory]
    [InlineData("/sign-in?to=https://example.com/")]
    [InlineData("/sign-in?to=//example.com/")]
    [InlineData("/sign-in?to=/%5Cexample.com/")]
    public async Task After_the_sign_in_nobody_is_led_elsewhere(string path)
    {
        await using var host = await ApiHost.StartAsync(withConsole: true);
        using var browser = Browser(host);
        using var answer = await PostKeyAsync(browser, ApiHost.ReadKey, path);
        Assert.DoesNotContain("example.com", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_of_generated_keys_works_once()
    {
        await using var host = await ApiHost.StartAsync(withGeneratedKeys: true, withConsole: true);
        var link = new Uri(ConsoleLink.Make(host.App));
        using var first = Browser(host);
        using var opened = await first.GetAsync(link);
        Assert.Equal("/", opened.Headers.Location!.ToString());
        using var page = await first.GetAsync("/system");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        using var thief = Browser(host);
        using var stolen = await thief.GetAsync(link);
        Assert.Equal("/sign-in?used=true", stolen.Headers.Location!.ToString());
        using var refused = await thief.GetAsync("/system");
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
    }

    [Fact]
    public async Task The_console_works_behind_a_prefix()
    {
        await using var host = await ApiHost.StartAsync(options => options.PathPrefix = "/shop", withConsole: true);
        using var browser = Browser(host);
        using var answer = await browser.GetAsync("/shop/segments");
        Assert.Contains("/shop/sign-in?to=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var signedIn = await PostKeyAsync(browser, ApiHost.ReadKey, answer.Headers.Location!.PathAndQuery);
        Assert.EndsWith("/shop/segments", signedIn.Headers.Location!.ToString(), StringComparison.Ordinal);
        string page = await browser.GetStringAsync("/shop/sign-in");
        Assert.Contains("<base href=\"/shop/\"", page, StringComparison.Ordinal);
        string script = AssetPattern().Match(page).Groups[1].Value;
        using var asset = await browser.GetAsync("/shop/" + script);
        Assert.Equal((HttpStatusCode.OK, true), (asset.StatusCode, asset.Headers.CacheControl!.ToString().Contains("immutable", StringComparison.Ordinal)));
    }

    private static HttpClient Browser(ApiHost host) => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = host.Address };

    private static async Task<HttpStatusCode> SignInAsync(HttpClient browser, string key)
    {
        using var answer = await PostKeyAsync(browser, key, "/sign-in");
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostKeyAsync(HttpClient browser, string key, string path)
    {
        string page = await browser.GetStringAsync(path);
        string token = TokenPattern().Match(page).Groups[1].Value;
        return await browser.PostAsync(path, new FormUrlEncodedContent([new("_handler", "sign-in"), new("__RequestVerificationToken", token), new("Key", key)]));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();

    [GeneratedRegex("src=\"(console/[^\"]+)\"")]
    private static partial Regex AssetPattern();
}
