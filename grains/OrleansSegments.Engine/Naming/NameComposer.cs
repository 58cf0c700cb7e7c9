namespace OrleansSegments.Engine.Naming;

/// <summary>Joins the phrases of a segment's traits, strongest first, into one name: modifiers, head, clause.</summary>
public static class NameComposer
{
    private const string AnyPeople = "customers";

    public static string Compose(IReadOnlyList<string> phrases)
    {
        List<NamePhrase> parts = [.. phrases.Select(NamePhrase.Parse)];
        NamePhrase? head = parts.Find(p => p.IsTellingHead) ?? parts.Find(p => p.Part == NamePhrase.Role.People);
        var modifiers = new List<string>();
        var heads = new List<string> { head?.Text ?? AnyPeople };
        var clauses = new List<string>();
        foreach (NamePhrase part in parts.Where(p => !ReferenceEquals(p, head)))
        {
            if (part.Modifier is { } modifier)
            {
                modifiers.Add(modifier);
            }
            else
            {
                (part.Part == NamePhrase.Role.People ? heads : clauses).Add(part.Text);
            }
        }

        string name = string.Join(' ', [.. modifiers, string.Join(" & ", heads), string.Join(" and ", clauses)]).Trim();
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    /// <summary>Whether two phrases share a word, so that a name with both would stutter.</summary>
    public static bool Stutters(string phrase, IEnumerable<string> others)
    {
        string[] words = Words(phrase);
        return others.Any(o => Words(o).Intersect(words).Any());
    }

    private static string[] Words(string phrase) =>
        [.. phrase.Split(' ', '-').Where(w => w.Length > 3 && w is not ("buyers" or "shoppers" or "customers" or "with"))];
}
