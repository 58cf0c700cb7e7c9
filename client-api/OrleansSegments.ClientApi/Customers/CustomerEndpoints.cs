using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>Endpoints of one customer: its segment, the explanation and the history.</summary>
internal static class CustomerEndpoints
{
    public static RouteGroupBuilder MapCustomers(this RouteGroupBuilder v1)
    {
        var customers = v1.MapGroup("customers/{id}").RequireKey(KeyRights.Read).WithTags("Customers");
        customers.MapGet("", ViewAsync)
            .WithName("customer").WithSummary("The customer's segment, features and traits, now and under the current model")
            .Produces<CustomerAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        customers.MapGet("explanation", ExplainAsync)
            .WithName("customer-explanation").WithSummary("Why the customer is in its segment, per feature")
            .Produces<ExplanationAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        customers.MapGet("history", HistoryAsync)
            .WithName("customer-history").WithSummary("The customer's transitions, newest first")
            .Produces<CustomerHistoryAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        v1.MapDelete("customers/{id}/aliases", UnmergeAsync).RequireKey(KeyRights.Admin).WithTags("Customers")
            .WithName("customer-unmerge").WithSummary("Undoes the merge of an alias into the customer: both are customers of their own again, and stay so")
            .Produces<UnmergeAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        return v1;
    }

    private static async Task<IResult> ViewAsync(string id, IGrainFactory grains, StoreClock clock)
    {
        if (!CustomerPath.TryReadId(id, out var customerId, out var error))
        {
            return error!.ToResult();
        }

        var view = await Customer(grains, customerId).View();
        return view is null ? Unknown(customerId) : Results.Json(CustomerAnswer.Of(view, clock.Name), CustomersJson.Default.CustomerAnswer);
    }

    private static async Task<IResult> ExplainAsync(string id, IGrainFactory grains, StoreClock clock)
    {
        if (!CustomerPath.TryReadId(id, out var customerId, out var error))
        {
            return error!.ToResult();
        }

        var explanation = await Customer(grains, customerId).Explain();
        return explanation is null
            ? Unknown(customerId)
            : Results.Json(ExplanationAnswer.Of(explanation, clock.Name), CustomersJson.Default.ExplanationAnswer);
    }

    private static async Task<IResult> HistoryAsync(string id, string? limit, IGrainFactory grains)
    {
        if (!CustomerPath.TryReadId(id, out var customerId, out var error)
            || !QueryParameters.TryReadLimit(limit, out var count, out error))
        {
            return error!.ToResult();
        }

        var customer = Customer(grains, customerId);
        var transitions = await customer.History(count);
        return transitions.Length == 0 && await customer.View() is null
            ? Unknown(customerId)
            : Results.Json(new CustomerHistoryAnswer(customerId, transitions), CustomersJson.Default.CustomerHistoryAnswer);
    }

    private static async Task<IResult> UnmergeAsync(string id, string? alias, IGrainFactory grains)
    {
        if (!CustomerPath.TryReadId(id, out var customerId, out var error))
        {
            return error!.ToResult();
        }

        if (string.IsNullOrEmpty(alias) || alias.Length > CustomerKey.CustomerIdLengthMax)
        {
            return QueryParameters.Invalid("alias", alias ?? "", "it must be an id of 1 to 255 characters", "name one of the customer's aliases").ToResult();
        }

        return await Customer(grains, customerId).Unmerge(alias) switch
        {
            UnmergeStatus.Done => Results.Json(new UnmergeAnswer(customerId, alias), CustomersJson.Default.UnmergeAnswer),
            UnmergeStatus.NotFound => ApiError.NotFound(
                $"\"{alias}\" is no alias of \"{customerId}\"; GET /v1/customers/{{id}} lists a customer's aliases.").ToResult(),
            _ => ServiceErrors.Unavailable.ToResult(),
        };
    }

    private static ICustomerGrain Customer(IGrainFactory grains, string customerId) => grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId));

    private static IResult Unknown(string customerId) =>
        ApiError.NotFound($"There is no customer \"{customerId}\"; a customer exists from its first event on.").ToResult();
}

/// <summary>Reads the customer id from the path.</summary>
internal static class CustomerPath
{
    public static bool TryReadId(string routeValue, out string id, out ApiError? error)
    {
        id = SentPath.Decode(routeValue);
        error = id.Length <= CustomerKey.CustomerIdLengthMax
            ? null
            : QueryParameters.Invalid(
                "id",
                id,
                $"it has {id.Length} characters and {CustomerKey.CustomerIdLengthMax} is the limit",
                "send the userId or anonymousId of an event");
        return error is null;
    }
}
