using System.Globalization;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Demo;

/// <summary>
/// The chapters of a demonstration on their simulated days, spread over what is left of the run by its pace so far. A run that is too slow or too short for
/// them goes on until the last one.
/// </summary>
internal sealed class DemoStory
{
    /// <summary>More than the chapters need when each follows the one before as soon as it can.</summary>
    private const int DaysMin = 10;

    private readonly Queue<PlannedChapter> _next;
    private readonly List<StoryChapter> _told = [];

    private DemoStory(Simulation simulation, Queue<PlannedChapter> next) => (Simulation, _next) = (simulation, next);

    /// <summary>The simulation of which this is told.</summary>
    public Simulation Simulation { get; }

    public IReadOnlyList<StoryChapter> Told => _told;

    public bool IsTold => _next.Count == 0;

    /// <param name="options">Of the simulation so far, whose story is still to come.</param>
    /// <param name="firstDay">The first day of the story.</param>
    /// <param name="days">Simulated days that are expected from then on.</param>
    public static DemoStory Plan(SimulationOptions options, int firstDay, double days)
    {
        double shared = Math.Min(days, options.Days - firstDay - DaysMin);
        int At(double share, int earliest) => Math.Max(earliest, firstDay + (int)(share * shared));
        int retraining = At(0.1, firstDay + 1);
        int inactivity = At(0.15, retraining + 1);
        int arrival = At(0.6, inactivity + 1);
        int discovery = At(0.8, arrival + Story.ArrivalDays);
        string newcomers = (Story.NewcomerShare * options.Customers).ToString("N0", CultureInfo.InvariantCulture);
        PlannedChapter[] chapters =
        [
            new("sale", firstDay, "Sale day: bargain hunters, phone shoppers and lapsed ones come and buy with coupons. Watch \"{0}\" grow.", Persona.BargainHunter),
            new("retraining", retraining, "Retraining after the sale. Watch the model's version rise, and those who came only for the sale leave \"{0}\".", Persona.BargainHunter, new()),
            new("inactivity", inactivity, $"{100 * Story.LeavingShare:0} % of the bargain hunters stop coming, and nothing is sent for them. Watch time alone take them out of \"{{0}}\" after some weeks.", Story.LeavingPersona),
            new("newcomers", arrival, $"About {newcomers} shoppers of a new kind arrive within {Story.ArrivalDays} days. Watch which segments take them in: no model knows them."),
            new("discovery", discovery, "Retraining with the newcomers. Watch them get a segment of their own.", Training: new(Replan: true)),
        ];
        var story = new Story { SaleDay = firstDay, InactivityDay = inactivity, ArrivalDay = arrival };
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
