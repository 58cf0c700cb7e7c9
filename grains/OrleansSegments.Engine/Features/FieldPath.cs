namespace OrleansSegments.Engine.Features;

/// <summary>
/// A path into an event, such as <c>properties.products[].category</c>, with at most one array, of which all items are visited.
/// </summary>
public sealed class FieldPath
{
    public const int StepsMax = 8;

    private readonly string _text;

    private FieldPath(string text, FieldRoot root, string[] steps, int arrayStep)
    {
        _text = text;
        Root = root;
        Steps = steps;
        ArrayStep = arrayStep;
    }

    public FieldRoot Root { get; }

    /// <summary>Property names below the root.</summary>
    public IReadOnlyList<string> Steps { get; }

    /// <summary>Index of the step whose value is an array, or -1.</summary>
    public int ArrayStep { get; }

    public bool IsPerItem => ArrayStep >= 0;

    /// <summary>Null when the text is not a path.</summary>
    public static FieldPath? Parse(string text)
    {
        var parts = text.Trim().Split('.');
        FieldRoot? root = parts[0] switch
        {
            "properties" => FieldRoot.Properties,
            "traits" => FieldRoot.Traits,
            "context" => FieldRoot.Context,
            "group" => FieldRoot.Group,
            _ => null,
        };
        if (root is null || parts.Length < 2 || parts.Length > StepsMax + 1)
        {
            return null;
        }

        var steps = new string[parts.Length - 1];
        var arrayStep = -1;
        for (var i = 1; i < parts.Length; i++)
        {
            var step = parts[i];
            if (step.EndsWith("[]", StringComparison.Ordinal))
            {
                if (arrayStep >= 0)
                {
                    return null;
                }

                arrayStep = i - 1;
                step = step[..^2];
            }

            if (step.Length == 0 || step.AsSpan().ContainsAny("[]*"))
            {
                return null;
            }

            steps[i - 1] = step;
        }

        return new FieldPath(text.Trim(), root.Value, steps, arrayStep);
    }

    public override string ToString() => _text;
}

/// <summary>The JSON object of an event in which a path starts.</summary>
public enum FieldRoot
{
    Properties,
    Traits,
    Context,

    /// <summary>The traits of a group call, and its groupId as <c>group.id</c>.</summary>
    Group,
}
