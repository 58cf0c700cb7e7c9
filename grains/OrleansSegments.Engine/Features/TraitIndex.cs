using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>A value by which a customer is found from a change on, or no longer.</summary>
public readonly record struct IndexedValue(string Trait, string Value, bool IsAdded);

/// <summary>
/// By which values of chosen traits a customer is found: text, in the spelling of <see cref="SpellingOf"/>. Numbers and other kinds of JSON
/// are no such values. Pure and thread-safe.
/// </summary>
public sealed class TraitIndex(IEnumerable<string> names)
{
    /// <summary>The longest name that a trait may have, in bytes of UTF-8.</summary>
    public const int NameBytesMax = TraitTable.NameBytesMax;

    /// <summary>The longest value by which a customer is found, in UTF-16 units: names, addresses and numbers of all kinds have fewer.</summary>
    public const int ValueLengthMax = 255;

    private readonly (string Name, byte[] Stored)[] _traits = [.. names.Distinct().Order(StringComparer.Ordinal).Select(static name => (name, StoredNameOf(name)))];

    /// <summary>The names of the traits in ordinal order, each once.</summary>
    public string[] Names => [.. _traits.Select(static trait => trait.Name)];

    /// <summary>The spelling under which a text is compared: trimmed, in small letters; null for one by which nobody is found.</summary>
    public static string? SpellingOf(string text) => text.Trim().ToLowerInvariant() is { Length: > 0 and <= ValueLengthMax } spelling ? spelling : null;

    public bool Holds(string trait) => _traits.Any(known => known.Name == trait);

    /// <summary>What another state changes about the values; allocates nothing where no trait changes, as with nearly every event.</summary>
    /// <param name="before">The state until now; empty when the customer was not found by anything.</param>
    /// <param name="after">The state from now on; empty when the customer is no longer found by anything.</param>
    public IndexedValue[] Changes(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var old = new StateFormat(before);
        var current = new StateFormat(after);
        return old.Traits.SequenceEqual(current.Traits) ? [] : Compare(old, current);
    }

    private IndexedValue[] Compare(StateFormat old, StateFormat current)
    {
        List<IndexedValue>? changes = null;
        foreach (var (name, stored) in _traits)
        {
            var from = ValueOf(old, stored);
            var to = ValueOf(current, stored);
            if (!from.SequenceEqual(to) && (Spelling(from), Spelling(to)) is var (left, gained) && left != gained)
            {
                changes ??= [];
                Add(changes, name, left, isAdded: false);
                Add(changes, name, gained, isAdded: true);
            }
        }

        return changes is null ? [] : [.. changes];
    }

    private static void Add(List<IndexedValue> changes, string trait, string? value, bool isAdded)
    {
        if (value is not null)
        {
            changes.Add(new IndexedValue(trait, value, isAdded));
        }
    }

    /// <summary>The JSON of a trait; empty without one.</summary>
    private static ReadOnlySpan<byte> ValueOf(StateFormat state, ReadOnlySpan<byte> storedName)
    {
        for (int i = 0, at = 0; i < state.TraitCount; i++)
        {
            var (_, name, value) = TraitTable.RowAt(state.Traits, at);
            if (state.Traits[name].SequenceEqual(storedName))
            {
                return state.Traits[value];
            }

            at = value.End.Value;
        }

        return [];
    }

    private static string? Spelling(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'"')
        {
            return null;
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return SpellingOf(reader.GetString()!);
    }

    /// <summary>Names are stored in the one spelling of <see cref="CanonicalJson"/>, without quotes.</summary>
    private static byte[] StoredNameOf(string name)
    {
        var reader = new Utf8JsonReader([(byte)'"', .. JsonEncodedText.Encode(name).EncodedUtf8Bytes, (byte)'"']);
        reader.Read();
        var json = new CanonicalJson();
        json.WriteText(ref reader);
        return json.Written[1..^1].ToArray();
    }
}
