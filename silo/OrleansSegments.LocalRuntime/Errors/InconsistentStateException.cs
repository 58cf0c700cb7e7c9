using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>The stored state is not the one this activation read. Thrown out of a grain call, it ends the activation.</summary>
public class InconsistentStateException : OrleansException
{
    public InconsistentStateException()
    {
    }

    public InconsistentStateException(string message)
        : base(message)
    {
    }

    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : base($"{errorMsg} The store has etag '{storedEtag}', this activation holds '{currentEtag}'.")
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    public string? StoredEtag { get; }

    public string? CurrentEtag { get; }
}
