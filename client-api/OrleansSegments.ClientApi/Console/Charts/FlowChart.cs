using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Charts;

/// <summary>A Sankey diagram of the moves into and out of one segment.</summary>
internal static class FlowChart
{
    private const int LabelPixels = 150;
    private const string Before = "before:";
    private const string After = "after:";

    /// <summary>The flows of one segment, whatever the cause.</summary>
    public static SegmentFlow[] Of(string id, TransitionFlows flows) =>
    [
        .. flows.Flows.Where(flow => flow.From == id || flow.To == id)
            .GroupBy(flow => (flow.From, flow.To))
            .Select(flow => new SegmentFlow(flow.Key.From, flow.Key.To, "", flow.Sum(x => x.Count)))
            .OrderByDescending(flow => flow.Count),
    ];

    public static object Diagram(string id, SegmentFlow[] flows, IReadOnlyList<SegmentCount> known) => new
    {
        tooltip = new { trigger = "item", confine = true },
        series = new[]
        {
            new
            {
                type = "sankey",
                left = 8,
                right = 170,
                top = 8,
                bottom = 8,
                nodeGap = 10,
                data = flows.SelectMany(flow => new[] { Node(Before, flow.From, id), Node(After, flow.To, id) }).Distinct()
                    .Select(node => new { name = node, itemStyle = new { color = SegmentColours.Of(IdOf(node)) }, label = new { formatter = NameOf(IdOf(node), node, known), width = LabelPixels, overflow = "break" } }).ToArray(),
                links = flows.Select(flow => new
                {
                    source = Node(Before, flow.From, id),
                    target = Node(After, flow.To, id),
                    value = flow.Count,
                    lineStyle = new { color = SegmentColours.Of(flow.From == id ? flow.To : flow.From), opacity = 0.4 },
                }).ToArray(),
            },
        },
    };

    /// <summary>The same as a sentence.</summary>
    public static string Words(string id, SegmentFlow[] flows, IReadOnlyList<SegmentCount> known) => string.Join("; ", flows.Select(flow => flow.To == id
        ? Show.Text(Texts.FlowIn, Show.Count(flow.Count), NameOf(flow.From, Before, known))
        : Show.Text(Texts.FlowOut, Show.Count(flow.Count), NameOf(flow.To, After, known))));

    /// <summary>A segment stands in the middle once, and the others left and right of it, so that the diagram has no circles.</summary>
    private static string Node(string side, string? segment, string centre) => segment == centre ? centre : side + segment;

    private static string? IdOf(string node) => node[(node.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: > 0 } id ? id : null;

    private static string NameOf(string? id, string side, IReadOnlyList<SegmentCount> known) => id is null
        ? side.StartsWith(Before, StringComparison.Ordinal) ? Texts.NewCustomer : Texts.Left
        : known.FirstOrDefault(count => count.Id == id)?.Name ?? id;
}
