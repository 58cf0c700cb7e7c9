using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.Catalogues;

/// <summary>
/// Owns the catalogue of what arrives, over all silos. Key: 0. It is written once a minute and when the grain goes, so a crash loses the
/// last minute of counts and nothing else.
/// </summary>
public sealed class EventCatalogueGrain(
    [PersistentState("event-catalogue", "control")] IPersistentState<EventCatalogueState> state, TimeProvider clock) : Grain, IEventCatalogueGrain
{
    /// <summary>A document of at most a few MB, once a minute.</summary>
    private static readonly TimeSpan WriteInterval = TimeSpan.FromMinutes(1);

    private bool _isWritten = true;
    private DateTimeOffset _writtenAt;

    public async Task Report(SeenEvents seen)
    {
        state.State.Seen = SeenMerge.Of(state.State.Seen, seen);
        _isWritten = false;
        if (clock.GetUtcNow() - _writtenAt >= WriteInterval)
        {
            await WriteAsync();
        }
    }

    public ValueTask<SeenEvents> View() => new(state.State.Seen);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _isWritten ? Task.CompletedTask : WriteAsync();

    private async Task WriteAsync()
    {
        (_isWritten, _writtenAt) = (true, clock.GetUtcNow());
        await state.WriteStateAsync();
    }
}

/// <summary>Persistent state of the event catalogue.</summary>
public sealed class EventCatalogueState
{
    public SeenEvents Seen { get; set; } = new([], [], 0);
}

/// <summary>Adds what was seen, within the limits of a catalogue.</summary>
internal static class SeenMerge
{
    public const int NamesMax = 1000;
    public const int PropertiesMax = 100;
    public const int IgnoredMax = 500;

    public static SeenEvents Of(SeenEvents known, SeenEvents seen)
    {
        Dictionary<(string, string?), SeenEvent> events = known.Events.ToDictionary(x => (x.Type, x.Name));
        long beyond = known.BeyondNames + seen.BeyondNames;
        foreach (SeenEvent one in seen.Events)
        {
            if (events.TryGetValue((one.Type, one.Name), out SeenEvent? before))
            {
                events[(one.Type, one.Name)] = Join(before, one);
            }
            else if (events.Count < NamesMax)
            {
                events[(one.Type, one.Name)] = one;
            }
            else
            {
                beyond += one.Count;
            }
        }

        Dictionary<(string, string), IgnoredValue> ignored = known.Ignored.ToDictionary(x => (x.Reason, x.Field));
        foreach (IgnoredValue one in seen.Ignored)
        {
            IgnoredValue counted = ignored.Count < IgnoredMax || ignored.ContainsKey((one.Reason, one.Field)) ? one : one with { Field = "(other fields)" };
            ignored[(counted.Reason, counted.Field)] = counted with { Count = counted.Count + (ignored.GetValueOrDefault((counted.Reason, counted.Field))?.Count ?? 0) };
        }

        return new SeenEvents([.. events.Values], [.. ignored.Values], beyond);
    }

    private static SeenEvent Join(SeenEvent known, SeenEvent seen)
    {
        Dictionary<string, SeenProperty> properties = known.Properties.ToDictionary(x => x.Name);
        long beyond = known.BeyondProperties + seen.BeyondProperties;
        foreach (SeenProperty one in seen.Properties)
        {
            bool isKnown = properties.TryGetValue(one.Name, out SeenProperty? before);
            if (!isKnown && properties.Count == PropertiesMax)
            {
                beyond++;
                continue;
            }

            properties[one.Name] = isKnown ? one with { Types = [.. before!.Types.Union(one.Types)] } : one;
        }

        // Whether it is read is what the newest catalogue of features says.
        return seen with
        {
            Count = known.Count + seen.Count,
            FirstAt = known.FirstAt < seen.FirstAt ? known.FirstAt : seen.FirstAt,
            LastAt = known.LastAt > seen.LastAt ? known.LastAt : seen.LastAt,
            Properties = [.. properties.Values],
            BeyondProperties = beyond,
        };
    }
}
