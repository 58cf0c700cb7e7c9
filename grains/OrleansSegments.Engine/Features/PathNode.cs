using System.Text;
using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>A trie of the paths that a plan needs, walked in parallel with the JSON. Values under no path are skipped.</summary>
/// <param name="index">Distinct among all nodes of a plan.</param>
internal sealed class PathNode(byte[] name, int index)
{
    private PathNode[] _children = [];

    public int Index { get; } = index;

    public byte[] Name { get; } = name;

    /// <summary>Slot of a scalar found here, or -1.</summary>
    public int Slot { get; private set; } = -1;

    /// <summary>The node that matches each item of an array found here, or null.</summary>
    public PathNode? Item { get; private set; }

    /// <summary>True for array items; an item counts as 1 when no scalar of it is needed.</summary>
    public bool IsItem { get; private init; }

    public bool IsEmpty => _children.Length == 0;

    /// <param name="nodes">Number of the plan's nodes so far.</param>
    public void Add(FieldPath path, int slot, ref int nodes)
    {
        var node = this;
        for (var i = 0; i < path.Steps.Count; i++)
        {
            node = node.Child(Encoding.UTF8.GetBytes(path.Steps[i]), ref nodes);
            if (i == path.ArrayStep)
            {
                node = node.Item ??= new PathNode([], nodes++) { IsItem = true };
            }
        }

        node.Slot = slot;
    }

    public PathNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var child in _children)
        {
            if (name.SequenceEqual(child.Name))
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The child whose name the reader is on, written with escapes.</summary>
    public PathNode? FindEscaped(ref Utf8JsonReader reader)
    {
        foreach (var child in _children)
        {
            if (reader.ValueTextEquals(child.Name))
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>Calls back for every slot at this node and below it.</summary>
    public void Visit<TState>(TState state, Action<TState, int> visit)
    {
        if (Slot >= 0)
        {
            visit(state, Slot);
        }

        Item?.Visit(state, visit);
        foreach (var child in _children)
        {
            child.Visit(state, visit);
        }
    }

    private PathNode Child(byte[] name, ref int nodes)
    {
        if (Find(name) is { } known)
        {
            return known;
        }

        var child = new PathNode(name, nodes++);
        _children = [.. _children, child];
        return child;
    }
}

/// <summary>A value found at a path. Its text is in the shared buffer; array items carry their index.</summary>
internal struct PathValue
{
    public int Next;
    public int Item;
    public int TextStart;
    public int TextLength;
    public double Number;
    public int Currency;
    public ValueKind Kind;
    public bool IsIgnored;

    /// <summary>Why a value that is no number is left out where one is wanted.</summary>
    public readonly IgnoredReason WhyNoNumber => Kind switch
    {
        ValueKind.Boolean => IgnoredReason.Boolean,
        ValueKind.Endless => IgnoredReason.OutOfRange,
        _ => IgnoredReason.NotANumber,
    };
}

/// <summary>What a value is as far as it has been looked at.</summary>
internal enum ValueKind : byte
{
    /// <summary>A text or number of which nobody has wanted the number yet.</summary>
    Text,
    Number,

    /// <summary>A text that is no number.</summary>
    Words,

    /// <summary>A number beyond the range of a double.</summary>
    Endless,
    Boolean,

    /// <summary>An object or an array.</summary>
    Structure,
}
