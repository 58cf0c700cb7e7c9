using System.Collections.Frozen;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>Judges what a customer writes to an assistant or a support agent. The text is not kept.</summary>
public interface ITextReader
{
    /// <summary>
    /// Sentiment: -1 to 1, false when the text has none. Complaint and Price: 1 when the text is about it, otherwise 0.
    /// </summary>
    bool TryRead(Reading reading, ReadOnlySpan<byte> text, out double score);
}

/// <summary>How the text of a value becomes a number.</summary>
public enum Reading
{
    Number,

    /// <summary>A number of years, or a date of birth.</summary>
    Age,
    Sentiment,
    Complaint,
    Price,
}

/// <summary>
/// Counts words of a small lexicon: the shipped lexicon.txt (English) and the words that a catalogue adds. A negation turns the sentiment of
/// the two words after it. Thread-safe.
/// </summary>
public sealed class LexiconReader : ITextReader
{
    /// <summary>What a word may mean, as a lexicon names it.</summary>
    public static readonly IReadOnlyList<string> Meanings = ["positive", "negative", "complaint", "price", "negation"];

    /// <summary>Only the beginning of a longer text is read.</summary>
    public const int TextBytesMax = 4096;

    private const int Positive = 1;
    private const int Negative = 2;
    private const int Complaint = 4;
    private const int Price = 8;
    private const int Negation = 16;
    private const int WordLengthMax = 40;
    private const int NegatedWords = 2;

    private readonly FrozenDictionary<string, int> _words;

    /// <param name="added">Words by meaning, in any case.</param>
    public LexiconReader(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> added)
    {
        var words = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (meaning, texts) in Shipped().Concat(added))
        {
            foreach (var word in texts)
            {
                words[word] = words.GetValueOrDefault(word) | 1 << Meanings.ToList().IndexOf(meaning);
            }
        }

        _words = words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    public bool TryRead(Reading reading, ReadOnlySpan<byte> text, out double score)
    {
        var (positive, negative, topics) = Count(text[..Math.Min(text.Length, TextBytesMax)]);
        score = reading switch
        {
            Reading.Sentiment => positive + negative == 0 ? 0 : (positive - negative) / (double)(positive + negative),
            Reading.Complaint => (topics & Complaint) == 0 ? 0 : 1,
            _ => (topics & Price) == 0 ? 0 : 1,
        };
        return reading != Reading.Sentiment || positive + negative > 0;
    }

    private (int Positive, int Negative, int Topics) Count(ReadOnlySpan<byte> utf8)
    {
        var (positive, negative, topics, negated) = (0, 0, 0, 0);
        var lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> text = stackalloc char[TextBytesMax + 1];
        text = text[..(Encoding.UTF8.GetChars(utf8, text) + 1)];
        text[^1] = ' ';
        Span<char> word = stackalloc char[WordLengthMax];
        var length = 0;
        foreach (var letter in text)
        {
            // Apostrophes are left out; longer words are cut.
            if (char.IsLetter(letter) || letter is '\'' or '\u2019')
            {
                if (char.IsLetter(letter) && length < word.Length)
                {
                    word[length++] = letter;
                }

                continue;
            }

            var meaning = lookup.TryGetValue(word[..length], out var known) ? known : 0;
            var turned = length > 0 && negated-- > 0;
            positive += (meaning & (turned ? Negative : Positive)) != 0 ? 1 : 0;
            negative += (meaning & (turned ? Positive : Negative)) != 0 ? 1 : 0;
            topics |= turned ? meaning & ~Complaint : meaning;
            negated = (meaning & Negation) != 0 ? NegatedWords : negated;
            length = 0;
        }

        return (positive, negative, topics);
    }

    /// <summary>Lines such as "positive: good great"; further lines of the same meaning add to it.</summary>
    private static IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Shipped()
    {
        using var resource = typeof(LexiconReader).Assembly.GetManifestResourceStream("OrleansSegments.Engine.Features.lexicon.txt")!;
        using var lines = new StreamReader(resource);
        while (lines.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                yield return new(line[..colon], line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }
    }
}
