using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Files;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>Finds customers by the beginning of their ids or by the value of an indexed trait, or streams all of them with their features.</summary>
internal static class CustomerSearchEndpoint
{
    private const string EmailTrait = "email";

    public static RouteGroupBuilder MapCustomerSearch(this RouteGroupBuilder v1)
    {
        v1.MapGet("customers", SearchAsync).RequireKey(KeyRights.Read).WithTags("Customers")
            .WithName("customers").WithSummary("The customers whose ids begin with prefix, or who have an e-mail address or another indexed trait, ordered by id")
            .WithDescription("A search needs prefix, email, or trait with value. Without any of them it is all customers with their features, as a file. " + FileAnswers.Description)
            .Produces<CustomersAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> SearchAsync(
        HttpContext context, string? prefix, string? email, string? trait, string? value, string? cursor, string? limit, string? format, IGrainFactory grains, FileAnswers files)
    {
        if (!FileFormats.TryRead(context.Request, format, out var file, out var error))
        {
            return error!.ToResult();
        }

        if (file is { } fileFormat && new[] { prefix, email, trait, value, cursor, limit }.All(string.IsNullOrEmpty))
        {
            return await files.CustomersAsync(context, fileFormat);
        }

        // An empty criterion is none: it would find everybody, or nobody.
        (string? Trait, string Text)? asked = (OrNull(prefix), OrNull(email), OrNull(trait), OrNull(value)) switch
        {
            ({ } beginning, null, null, null) => (null, beginning),
            (null, { } address, null, null) => (EmailTrait, address),
            (null, null, { } name, { } wanted) => (name, wanted),
            _ => null,
        };
        if (asked is not { } criterion)
        {
            return ApiError.BadRequest(
                "invalid_search", "A search needs exactly one of prefix=, email=, or trait= together with value=, and none of them empty; leave the others out. format=csv without any of them is the table of all customers.").ToResult();
        }

        if (!QueryParameters.IsShort("search", criterion.Text, "shorten it", out error)
            || !QueryParameters.IsShort("cursor", cursor, "leave it out for the first page", out error)
            || !QueryParameters.TryReadLimit(limit, out var count, out error))
        {
            return error!.ToResult();
        }

        var search = grains.GetGrain<ICustomerSearch>(0);
        var page = criterion.Trait is null
            ? await search.ByPrefix(criterion.Text, OrNull(cursor), count)
            : await search.ByTrait(criterion.Trait, criterion.Text, OrNull(cursor), count);
        return page is null
            ? QueryParameters.Invalid("trait", criterion.Trait!, "it is not indexed", "name it in the setting Customers:IndexedTraits of the silos").ToResult()
            : Results.Json(new CustomersAnswer(page.Customers, page.NextCursor), CustomersJson.Default.CustomersAnswer);
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
