using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Console.Charts;
using OrleansSegments.ClientApi.Console.Layout;
using OrleansSegments.ClientApi.Console.Live;
using OrleansSegments.ClientApi.Console.Models;
using OrleansSegments.ClientApi.Console.Overview;
using OrleansSegments.ClientApi.Console.Segments;
using OrleansSegments.ClientApi.Console.Webhooks;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Contracts.Webhooks;
using OrleansSegments.UnitTests.ClientApi;
using Xunit;

namespace OrleansSegments.UnitTests.Consoles;

/// <summary>Components and pages of the console over fake grains.</summary>
public sealed class ConsoleComponentTests : BunitContext
{
    private readonly FakeModels _models = new();
    private readonly FakeWebhooks _webhooks = new();
    private readonly BunitAuthorizationContext _user;

    public ConsoleComponentTests()
    {
        var (factory, grains) = GrainFactoryProxy.Create();
        grains.Add<ISegmentCensus>(0L, new FakeSegments());
        grains.Add<IEventCatalogueGrain>(0L, new FakeEventCatalogue());
        grains.Add<IChangeFeed>(0L, new FakeChangeFeed());
        grains.Add<IModelGrain>(0L, _models);
        grains.Add<ITrainingGrain>(0L, _models);
        grains.Add<IWebhookList>(0L, _webhooks);
        grains.Add<IWebhookGrain>(1L, _webhooks);
        grains.Add<ISegmentGrain>(1L, new FakeSegment(known: false));
        grains.Add<ISegmentGrain>(2L, new FakeSegment(known: true));
        Services.AddSingleton(factory);
        Services.AddSingleton(provider => new LiveFeed(provider.GetRequiredService<IGrainFactory>(), new StoreClock(new TestTime(), new TestTime()), NullLogger<LiveFeed>.Instance));
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
        _user = this.AddAuthorization();
        SignIn(KeyRights.Read);
    }

    [Fact]
    public void The_overview_shows_the_census()
    {
        var page = Render<OverviewPage>();
        Assert.Equal("10", page.Find("#population").TextContent);
        Assert.Equal("4", page.Find("#model-version").TextContent);
        Assert.Equal(["window shoppers", "big spenders"], page.FindAll(".bars a").Select(link => link.TextContent.Trim()));
    }

    [Fact]
    public void Only_an_admin_may_train()
    {
        Assert.DoesNotContain(Render<ModelsPage>().FindAll("button"), button => button.TextContent == "Train now");
        SignIn(KeyRights.Read | KeyRights.Admin);
        var page = Render<ModelsPage>();
        page.FindAll("button").Single(button => button.TextContent == "Train now").Click();
        Assert.Null(_models.Asked);
        page.FindAll("button").Single(button => button.TextContent == "Yes").Click();
        Assert.NotNull(_models.Asked);
        page.WaitForAssertion(() => Assert.Contains("published", page.Find("#outcome").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void A_new_webhooks_secret_is_shown_once()
    {
        SignIn(KeyRights.Admin);
        var page = Render<WebhooksPage>();
        Assert.Contains("failing", page.Find("#webhooks").TextContent, StringComparison.Ordinal);
        page.Find("#url").Change("https://example.com/new");
        page.Find("#only").Change("s1, s3");
        page.Find("form").Submit();
        Assert.Equal("https://example.com/new", _webhooks.Told!.Url);
        Assert.Equal(["s1", "s3"], _webhooks.Told.Segments!);
        page.WaitForAssertion(() => Assert.Equal(FakeWebhooks.Secret, page.Find(".copy code").TextContent));
        Assert.DoesNotContain(FakeWebhooks.Secret, Render<WebhooksPage>().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_webhook_is_tried_stopped_and_sent_again_from_its_page()
    {
        SignIn(KeyRights.Admin);
        Services.GetRequiredService<NavigationManager>().NavigateTo("webhooks?id=1");
        var page = Render<WebhooksPage>();
        Assert.Contains("msg_1_7", page.Find("#deliveries").TextContent, StringComparison.Ordinal);
        page.Find("#test").Click();
        page.WaitForAssertion(() => Assert.Contains("answered 500", page.Find("#webhook-outcome").TextContent, StringComparison.Ordinal));
        page.Find("#from").Change("5");
        Click("Send again");
        Click("Yes");
        Assert.Equal(5, _webhooks.ReplayedFrom);
        Click("Disable");
        page.WaitForAssertion(() => Assert.Contains(page.FindAll("button"), button => button.TextContent == "Enable"));
        Assert.False(_webhooks.Told!.Enabled);

        void Click(string label) => page.FindAll("button").First(button => button.TextContent == label).Click();
    }

    [Fact]
    public void A_button_that_asks_acts_only_when_it_is_confirmed()
    {
        var acted = 0;
        var button = Render<ConfirmButton>(parameters => parameters.Add(x => x.Label, "Go").Add(x => x.Question, "Really?").Add(x => x.Act, () => Task.FromResult(++acted)));
        button.Find("button").Click();
        button.FindAll("button")[1].Click();
        Assert.Equal(0, acted);
        button.Find("button").Click();
        button.FindAll("button")[0].Click();
        Assert.Equal(1, acted);
        Assert.Equal("Go", button.Find("button").TextContent);
    }

    [Theory]
    [InlineData(2.0, "left: 50%; width: 25%", "2.0 ×")]
    [InlineData(0.25, "right: 50%; width: 50%", "0.3 ×")]
    [InlineData(100.0, "left: 50%; width: 50%", "100 ×")]
    [InlineData(0.0, "right: 50%; width: 50%", "0.0 ×")]
    [InlineData(null, "left: 50%; width: 0%", "")]
    public void A_ratio_is_a_bar_from_the_middle(double? ratio, string style, string words)
    {
        var bar = Render<IndexBar>(parameters => parameters.Add(x => x.Ratio, ratio));
        Assert.Equal((style, words), (bar.Find(".index > span").GetAttribute("style"), bar.Find(".figure").TextContent));
    }

    [Fact]
    public void A_chart_is_drawn_again_only_when_it_changes()
    {
        var option = new { a = 1.0 };
        var chart = Render<Chart>(parameters => parameters.Add(x => x.Label, "sizes").Add(x => x.Option, option));
        chart.Render(parameters => parameters.Add(x => x.Option, option));
        Assert.Single(JSInterop.Invocations["segments.drawChart"]);
        chart.Render(parameters => parameters.Add(x => x.Option, new { a = double.NaN }));
        Assert.Equal(2, JSInterop.Invocations["segments.drawChart"].Count);
        Assert.Equal("sizes", chart.Find("[role=img]").GetAttribute("aria-label"));
    }

    private void SignIn(KeyRights rights)
    {
        _user.SetAuthorized("somebody");
        _user.SetClaims(new Claim("rights", ((int)rights).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
