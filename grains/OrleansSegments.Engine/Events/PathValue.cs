namespace OrleansSegments.Engine.Events;

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
