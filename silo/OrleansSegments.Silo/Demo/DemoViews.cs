namespace OrleansSegments.Silo.Demo;

/// <summary>Chooses the view: a live table on a terminal, plain lines into a pipe.</summary>
internal static class DemoViews
{
    public static IDemoView Create(DemoStage stage, DemoOptions options) =>
        Console.IsOutputRedirected || Console.IsErrorRedirected || options.AsJson ? new PlainDemoView(stage) : new LiveDemoView(stage);
}
