namespace OrleansSegments.Engine.Naming;

/// <summary>Composes one name from the phrases of a segment's traits, strongest first: modifiers, head, clause.</summary>
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

    /// <summary>True when two phrases share a word, so that a name with both would repeat it.</summary>
    public static bool Stutters(string phrase, IEnumerable<string> others)
    {
        string[] words = Words(phrase);
        return others.Any(o => Words(o).Intersect(words).Any());
    }

    private static string[] Words(string phrase) =>
        [.. phrase.Split(' ', '-').Where(w => w.Length > 3 && w is not ("buyers" or "shoppers" or "customers" or "with"))];
}

/// <summary>
/// A phrase of the catalogue as part of a name. People ("coupon users") can be the head; with a general noun ("evening shoppers") their
/// first words can also modify another head; adjectives precede the head; everything else follows it.
/// </summary>
internal sealed record NamePhrase(NamePhrase.Role Part, string Text)
{
    private static readonly HashSet<string> GeneralPeople = ["buyers", "shoppers", "customers", "visitors", "browsers", "spenders"];
    private static readonly HashSet<string> Persons =
        ["men", "women", "households", "families", "fans", "guests", "parents", "students", "regulars", "friends", "pensioners"];

    private static readonly HashSet<string> Things = ["orders", "offers", "vouchers", "flowers"];
    private static readonly string[] Openings = ["with ", "without ", "who ", "in ", "on ", "from ", "at ", "not ", "of "];

    internal enum Role
    {
        People,
        Adjective,
        Clause,
    }

    /// <summary>The words before a general noun: "lapsed" of "lapsed buyers"; null for other phrases.</summary>
    public string? Modifier => Part switch
    {
        Role.Adjective => Text,
        Role.People when GeneralPeople.Contains(LastWord(Text)) && Text.Contains(' ') => Text[..Text.LastIndexOf(' ')],
        _ => null,
    };

    /// <summary>True when the head noun is specific, like "users" in "coupon users" and "spenders" in "big spenders".</summary>
    public bool IsTellingHead => Part == Role.People && (Modifier is null || LastWord(Text) is "spenders" or "browsers");

    public static NamePhrase Parse(string phrase)
    {
        string text = phrase.Trim();
        string last = LastWord(text);
        string first = text.Split(' ')[0];
        if (Openings.Any(o => text.StartsWith(o, StringComparison.Ordinal)))
        {
            return new NamePhrase(Role.Clause, text);
        }

        if (first == "no")
        {
            return new NamePhrase(Role.Clause, $"without {text[3..]}");
        }

        if (text.Contains(" they "))
        {
            return new NamePhrase(Role.Clause, $"who {text}");
        }

        if (IsPeople(last))
        {
            return new NamePhrase(Role.People, text);
        }

        if (!text.Contains(' ') || (first.EndsWith("ly", StringComparison.Ordinal) && !last.EndsWith("ing", StringComparison.Ordinal)))
        {
            return new NamePhrase(Role.Adjective, text);
        }

        bool stands = first.EndsWith("ing", StringComparison.Ordinal) || last.EndsWith("ing", StringComparison.Ordinal)
            || text.Contains(" to ") || text.Contains(" by ");
        return new NamePhrase(Role.Clause, stands ? text : $"with {text}");
    }

    private static bool IsPeople(string word) =>
        Persons.Contains(word)
        || (!Things.Contains(word) && (word.EndsWith("ers", StringComparison.Ordinal) || word.EndsWith("ors", StringComparison.Ordinal)));

    private static string LastWord(string text) => text[(text.LastIndexOf(' ') + 1)..];
}
