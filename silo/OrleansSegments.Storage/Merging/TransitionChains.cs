using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Merging;

/// <summary>The transitions of one generation, each with the one that the same customer made before.</summary>
internal sealed class TransitionChains
{
    private const int None = -1;

    private readonly UnmergedGeneration _generation;
    private readonly int[] _firstOfPlace;
    private readonly int[] _lastOfPlace;
    private readonly long[] _previous;

    public TransitionChains(UnmergedGeneration generation, StoreMemory memory)
    {
        _generation = generation;
        _firstOfPlace = Filled(generation.Count);
        _lastOfPlace = Filled(generation.Count);
        _previous = new long[generation.Transitions.Length];
        Span<byte> id = stackalloc byte[CustomerId.Utf8BytesMax];
        for (var index = 0; index < _previous.Length; index++)
        {
            Append(index, generation.PlaceOf(memory.KeyOf(generation.Transitions[index].CustomerId, id)));
        }
    }

    public int Count => _previous.Length;

    /// <summary>The first sequence here, of whomever; 0 for none.</summary>
    public long FirstSequence => Count == 0 ? 0 : this[0].Sequence;

    public Transition this[int index] => _generation.Transitions[index];

    /// <summary>The sequence of a customer's newest transition here; null for none.</summary>
    public long? LastSequenceOf(int place) => _lastOfPlace[place] is var last && last != None ? this[last].Sequence : null;

    /// <summary>The sequence before, null for the customer's first transition of all; right once <see cref="Follow"/> was told of the customer.</summary>
    public long? PreviousOf(int index) => _previous[index] is var previous && previous != 0 ? previous : null;

    /// <summary>Hangs a customer's transitions here on the one that the tables have.</summary>
    public void Follow(int place, long? sequenceBefore) => _previous[_firstOfPlace[place]] = sequenceBefore ?? 0;

    private static int[] Filled(int count)
    {
        var places = new int[count];
        Array.Fill(places, None);
        return places;
    }

    private void Append(int index, int place)
    {
        if (_lastOfPlace[place] is var last && last != None)
        {
            _previous[index] = this[last].Sequence;
        }
        else
        {
            _firstOfPlace[place] = index;
        }

        _lastOfPlace[place] = index;
    }
}
