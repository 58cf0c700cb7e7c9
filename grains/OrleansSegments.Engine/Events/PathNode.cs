using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>A trie of the paths that a plan needs, walked together with the JSON. A value under no path is skipped unread.</summary>
internal sealed class PathNode(byte[] name)
{
    private PathNode[] _children = [];

    public byte[] Name { get; } = name;

    /// <summary>Where a scalar found here goes, or -1.</summary>
    public int Slot { get; private set; } = -1;

    /// <summary>What each item of an array found here is matched against, or null.</summary>
    public PathNode? Item { get; private set; }

    /// <summary>True for the items of an array, which count as 1 each where no scalar is wanted of them.</summary>
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

/// <summary>A scalar found at a path. Text lies in the scratch buffer; items of an array know their index.</summary>
internal struct PathValue
{
    public int Next;
    public int Item;
    public int TextStart;
    public int TextLength;
    public double Number;

    /// <summary>False if the value is no number, however generously read.</summary>
    public bool IsNumber;
}
