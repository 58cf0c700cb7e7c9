namespace OrleansSegments.Grains.Passes;

/// <summary>One kind of work on the population, as a silo does it.</summary>
public interface IPassDuty
{
    /// <summary>The key of the grain that divides it.</summary>
    string Kind { get; }

    /// <summary>Does a share. One at a time; a share may come again, and then has the same result.</summary>
    Task<PassResult> DoAsync(PassShare share, CancellationToken cancellationToken);

    /// <summary>Nothing has been asked for a while: lets go of what was kept for further steps.</summary>
    void Rest();
}
