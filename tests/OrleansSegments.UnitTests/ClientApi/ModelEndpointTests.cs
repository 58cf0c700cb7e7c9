using System.Net;
using OrleansSegments.Contracts.Models;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ModelEndpointTests
{
    [Fact]
    public async Task The_model_its_predecessors_and_the_rollout_are_answered()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, model) = await host.GetAsync("/v1/model");
        Assert.Equal(4, model.GetProperty("version").GetInt32());
        Assert.Equal("[[1,2]]", model.GetProperty("document").GetProperty("centroids").GetRawText());
        Assert.Equal("00ff00ff00ff00ff", model.GetProperty("catalogue").GetString());
        Assert.Equal(TestTime.Noon, model.GetProperty("featuresSince").GetProperty("searches_7d").GetDateTimeOffset());
        Assert.Equal(3.5, model.GetProperty("measures").GetProperty("inertia").GetDouble());

        var (_, models) = await host.GetAsync("/v1/models");
        Assert.Equal([4, 3], models.GetProperty("models").EnumerateArray().Select(item => item.GetProperty("version").GetInt32()));
        var (_, third) = await host.GetAsync("/v1/models/3");
        Assert.Equal(3, third.GetProperty("version").GetInt32());

        var (_, rollout) = await host.GetAsync("/v1/model/rollout");
        Assert.Equal((false, 8L), (rollout.GetProperty("complete").GetBoolean(), rollout.GetProperty("evaluated").GetInt64()));
    }

    [Fact]
    public async Task The_training_that_runs_the_last_one_and_the_next_one_are_answered()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/v1/model/training");
        Assert.Equal(
            """{"running":true,"stage":"refining","startedAt":"2026-03-01T11:59:00+00:00","rounds":7"""
            + ""","last":{"published":false,"reason":"too different","modelVersion":3,"endedAt":"2026-03-01T11:00:00+00:00"},"nextAt":"2026-03-01T13:00:00+00:00"}""",
            json.GetRawText());
    }

    [Theory]
    [InlineData("", null, false, false)]
    [InlineData("{}", null, false, false)]
    [InlineData("""{"segments":6,"replan":true,"force":true}""", 6, true, true)]
    public async Task A_training_takes_what_the_body_asks_and_defaults_for_the_rest(string body, int? segments, bool replan, bool force)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/model/train", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new TrainingRequest(segments, replan, force), host.Models.Asked);
        Assert.Equal((true, 5, 1_500.0), (
            json.GetProperty("published").GetBoolean(),
            json.GetProperty("summary").GetProperty("version").GetInt32(),
            json.GetProperty("elapsedMilliseconds").GetDouble()));
    }

    [Theory]
    [InlineData("""{"segments":0}""", "invalid_segments")]
    [InlineData("""{"segments":257}""", "invalid_segments")]
    [InlineData("""{"segments":"many"}""", "invalid_json")]
    [InlineData("[", "invalid_json")]
    public async Task A_training_with_a_bad_body_is_refused(string body, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/model/train", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
        Assert.Null(host.Models.Asked);
    }

    [Fact]
    public async Task Publishing_an_earlier_model_answers_the_new_version_and_an_unknown_one_404()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.PostAsync("/v1/models/3/publish", "");
        Assert.Equal(5, json.GetProperty("version").GetInt32());
        var (unknown, _) = await host.PostAsync("/v1/models/99/publish", "");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }
}
