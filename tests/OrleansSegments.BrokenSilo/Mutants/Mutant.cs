using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>One way to break a silo on purpose, to show that whoever checks it notices.</summary>
/// <param name="About">What is broken.</param>
/// <param name="Replace">Puts the broken service in the place of the right one.</param>
internal sealed record Mutant(string About, Action<IServiceCollection> Replace)
{
    public static IReadOnlyDictionary<string, Mutant> All { get; } = new Dictionary<string, Mutant>(StringComparer.Ordinal)
    {
        ["none"] = new("nothing is broken", static _ => { }),
        ["early-answer"] = new(
            "changes are acknowledged before they are committed",
            static services => ReplaceStore(services, static (store, _) => new EarlyAnswerStore(store))),
        ["loose-totals"] = new(
            "the totals are kept beside the transaction and written now and then",
            static services => ReplaceStore(services, static (store, control) => new LooseTotalsStore(store, control))),
        ["missed-deadlines"] = new(
            "nobody moves by the passing of time alone",
            static services => ReplaceStore(services, static (store, _) => new MissedDeadlineStore(store))),
        ["no-deduplication"] = new(
            "every arrival of an event counts as a new one",
            static services => services.AddSingleton<IStartupFilter, FreshMessageIds>()),
    };

    private static void ReplaceStore(IServiceCollection services, Func<ICustomerStore, IControlStateStore, ICustomerStore> broken)
    {
        ServiceDescriptor right = services.Last(service => service.ServiceType == typeof(ICustomerStore));
        services.AddSingleton(provider => broken(
            (ICustomerStore)(right.ImplementationInstance ?? right.ImplementationFactory!(provider)), provider.GetRequiredService<IControlStateStore>()));
    }
}
