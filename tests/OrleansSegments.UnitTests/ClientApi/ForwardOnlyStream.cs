namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>A stream without a length, so that a client sends it in chunks.</summary>
internal sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
