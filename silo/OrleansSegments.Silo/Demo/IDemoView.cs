namespace OrleansSegments.Silo.Demo;

/// <summary>Shows a demonstration while it runs.</summary>
internal interface IDemoView : IDisposable
{
    /// <summary>Draws again if it is time to.</summary>
    Task RefreshAsync();
}
