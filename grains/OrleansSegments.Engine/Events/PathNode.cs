using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>A trie of the paths that a plan needs, walked in parallel with the JSON. Values under no path are skipped.</summary>
internal sealed class PathNode(byte[] name)
{
    private PathNode[] _children = [];

    public byte[] Name { get; } = name;

    /// <summary>Slot of a scalar found here, or -1.</summary>
    public int Slot { get; private set; } = -1;

    /// <summary>The node that matches each item of an array found here, or null.</summary>
    public PathNode? Item { get; private set; }

    /// <summary>True for array items; an item counts as 1 when no scalar of it is needed.</summary>
    public bool IsItem { get; private init; }

    public bool IsEmpty => _children.Length == 0;

    public void Add(FieldPath path, int slot)
    {
        var node = this;
        for (var i = 0; i < path.Steps.Count; i++)
        {
            node = node.Child(Encoding.UTF8.GetBytes(path.Steps[i]));
            if (i == path.ArrayStep)
            {
                node = node.Item ??= new PathNode([]) { IsItem = true };
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

    private PathNode Child(byte[] name)
    {
        if (Find(name) is { } known)
        {
            return known;
        }

        var child = new PathNode(name);
        _children = [.. _children, child];
        return child;
    }
}

/// <summary>A scalar found at a path. Its text is in the shared buffer; array items carry their index.</summary>
internal struct PathValue
{
    public int Next;
    public int Item;
    public int TextStart;
    public int TextLength;
    public double Number;

    /// <summary>False when the value cannot be read as a number.</summary>
    public bool IsNumber;
}
