using OrleansSegments.Engine.Features;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The catalogues that a store was served with, as a document of the store. A catalogue is in it before the first state is written under
/// it, so every state can be read later.
/// </summary>
internal static class StoredCatalogues
{
    private const string Kind = "settings";
    private const string Key = "feature-catalogues";

    public static async Task<CatalogueHistory> ReadAsync(IStore store, CancellationToken cancellationToken) =>
        Parse(await store.Control.ReadAsync(Kind, Key, cancellationToken));

    /// <summary>Puts a catalogue in force, durably; returns all of the store's.</summary>
    /// <exception cref="CommandException">Thrown when the store cannot be served with this catalogue.</exception>
    public static async Task<CatalogueHistory> AdoptAsync(IStore store, FeatureCatalogue catalogue, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            ControlDocument? document = await store.Control.ReadAsync(Kind, Key, cancellationToken);
            CatalogueHistory known = Parse(document);
            CatalogueHistory adopted = await PreviewAsync(store, known, catalogue, clock, cancellationToken);
            if (adopted == known
                || await store.Control.TryWriteAsync(Kind, Key, document?.Version ?? 0, adopted.Write(), cancellationToken))
            {
                return adopted;
            }

            // Another silo of the cluster is starting, too; look again at what it wrote.
        }
    }

    /// <summary>The store's catalogues if this one were put in force.</summary>
    /// <exception cref="CommandException">Thrown when the store cannot be served with this catalogue.</exception>
    public static async Task<CatalogueHistory> PreviewAsync(
        IStore store, CatalogueHistory known, FeatureCatalogue catalogue, TimeProvider clock, CancellationToken cancellationToken)
    {
        bool isEmpty = store.Customers.Totals.Population == 0;
        if (known.Current is null && await store.Customers.ScanAsync(null, 1, cancellationToken) is [var customer] && !CanRead(catalogue, customer.Record.State))
        {
            throw new CommandException(
                "the store was made with another features.json, whose text it does not hold because an earlier version of the program made it. "
                + "Start once with that file, then with the new one.");
        }

        if (store.HasOtherSilos && known.IsSuperseded(catalogue))
        {
            throw new CommandException(
                "the other silos of the cluster have adopted a newer features.json. Start this silo with the same file; to go back to the earlier one, stop all silos first.");
        }

        try
        {
            return known.Adopt(catalogue, isEmpty ? 0 : clock.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (FormatException problem)
        {
            throw new CommandException(problem.Message);
        }
    }

    private static bool CanRead(FeatureCatalogue catalogue, byte[] state)
    {
        try
        {
            new StateUpgrade(CatalogueHistory.None.Adopt(catalogue, 0)).Upgrade(state);
            return true;
        }
        catch (StateLayoutException)
        {
            return false;
        }
    }

    private static CatalogueHistory Parse(ControlDocument? document) => document is null ? CatalogueHistory.None : CatalogueHistory.Read(document.Content);
}
