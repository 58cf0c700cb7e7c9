using System.Globalization;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Demo;

/// <summary>
/// The chapters of a demonstration on their simulated days. They are spread over about the first three quarters of the run, by the pace of the history; a run
/// that is too slow for that goes on until the last chapter.
/// </summary>
internal sealed class DemoStory
{
    /// <summary>Parts of the run between one chapter and the next, at least a simulated day each.</summary>
    private const int Parts = 10;

    private readonly Queue<PlannedChapter> _next;
    private readonly List<StoryChapter> _told = [];

    private DemoStory(Simulation simulation, Queue<PlannedChapter> next) => (Simulation, _next) = (simulation, next);

    /// <summary>The simulation of which this is told.</summary>
    public Simulation Simulation { get; }

    public IReadOnlyList<StoryChapter> Told => _told;

    public bool IsTold => _next.Count == 0;

    /// <param name="options">Those of the history, which is the beginning of the same simulation.</param>
    /// <param name="firstDay">The first day after the history.</param>
    /// <param name="days">Simulated days that the run is expected to take.</param>
    public static DemoStory Plan(SimulationOptions options, int firstDay, double days)
    {
        int part = (int)Math.Clamp(days / Parts, 1, (options.Days - firstDay) / (double)Parts);
        var story = new Story { SaleDay = firstDay + part, InactivityDay = firstDay + (3 * part), ArrivalDay = firstDay + (5 * part) };
        int discoveryDay = story.ArrivalDay + Math.Max(Story.ArrivalDays, 2 * part);
        string newcomers = (Story.NewcomerShare * options.Customers).ToString("N0", CultureInfo.InvariantCulture);
        PlannedChapter[] chapters =
        [
            new("sale", story.SaleDay, "Sale day: bargain hunters and phone shoppers come and buy with coupons. Watch \"{0}\" grow.", Persona.BargainHunter),
            new("retraining", story.SaleDay + part, "Retraining after the sale. Watch the model's version rise; segments that stay alike keep their names.", Training: new()),
            new("inactivity", story.InactivityDay, $"{100 * Story.LeavingShare:0} % of the families stop coming, and nothing is sent for them. Watch time alone empty \"{{0}}\".", Story.LeavingPersona),
            new("newcomers", story.ArrivalDay, $"About {newcomers} shoppers of a new kind arrive within {Story.ArrivalDays} days. Watch which segments take them in: no model knows them."),
            new("discovery", discoveryDay, "Retraining with the newcomers. Watch a segment of their own appear.", Training: new(Replan: true)),
        ];
        return new DemoStory(new Simulation(options with { Story = story }), new Queue<PlannedChapter>(chapters));
    }

    /// <summary>Tells the chapters whose day has come, and starts their trainings beside the simulation.</summary>
    public async Task TellAsync(DemoStage stage, IDemoView view, CancellationToken cancellationToken)
    {
        while (_next.TryPeek(out PlannedChapter? chapter) && stage.Clock.GetUtcNow() is var now && now >= Simulation.Options.Start.AddDays(chapter.Day))
        {
            _next.Dequeue();
            string watched = chapter.Watched is { } persona ? await PersonaAgreement.SegmentOfAsync(stage.Host.Grains, Simulation, persona, now) : "";
            var told = new StoryChapter(chapter.Name, now, string.Format(CultureInfo.InvariantCulture, chapter.Sentence, watched));
            _told.Add(told);
            view.Announce(told);
            if (chapter.Training is { } training)
            {
                await stage.SettleAsync(cancellationToken);
                stage.BeginTraining(training, cancellationToken);
            }
        }
    }

    /// <param name="Sentence">Takes the name of the segment in which most of <paramref name="Watched"/> are.</param>
    private sealed record PlannedChapter(string Name, int Day, string Sentence, Persona? Watched = null, TrainingRequest? Training = null);
}
