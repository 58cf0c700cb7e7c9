using OrleansSegments.Storage.Commits;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>A change and its place in a commit.</summary>
/// <param name="Chain">The chain of its customer; null when no stored row can fit the change.</param>
/// <param name="Fits">Whether the change is part of the chain.</param>
internal readonly record struct GatheredChange(PendingChange Work, CustomerChain? Chain, bool Fits)
{
    public bool IsAccepted => Fits && !Chain!.IsRefused;

    /// <summary>The chain that stood in the way is gone; the change has yet to be held against the stored row.</summary>
    public bool IsUndecided => !Fits && Chain is { IsRefused: true };
}
