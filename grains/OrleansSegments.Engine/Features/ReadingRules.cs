using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>What a catalogue says about the reading of all events: aliases, currencies, and the words that text is judged by.</summary>
internal sealed class ReadingRules
{
    public static readonly FieldPath CurrencyPath = FieldPath.Parse("properties.currency")!;

    public ReadingRules(CatalogueContent content, ITextReader text)
    {
        (Currencies, Aliases, Text) = (content.Currencies, content.Aliases, text);

        // The same path is the same amount wherever it is used, such as in a ratio, whose unit is another.
        MoneyPaths = content.Features.Where(x => x.Unit == "currency")
            .SelectMany(x => x.Source.Value).SelectMany(Aliases.Variants).Select(x => x.ToString()).ToHashSet(StringComparer.Ordinal);
    }

    public CurrencyTable Currencies { get; }

    public CatalogueAliases Aliases { get; }

    public ITextReader Text { get; }

    /// <summary>The expressions whose values are amounts of money.</summary>
    public HashSet<string> MoneyPaths { get; }

    /// <summary>
    /// The factor to the base currency: what the event says first, then what the amount's text says, otherwise it is in the base currency.
    /// </summary>
    public double RateOf(EventValues values, int currencyOfText)
    {
        values.Rate ??= RateOf(values);
        return values.Rate is { } stated && stated != 0 ? stated
            : currencyOfText == CurrencyCode.None ? 1
            : Currencies.RateOf(currencyOfText);
    }

    /// <summary>0 when the event names no currency.</summary>
    private double RateOf(EventValues values)
    {
        foreach (var slot in values.CurrencySlots)
        {
            if (values.Head(slot) is var head and >= 0 && values.TextOf(values.At(head)).Trim(" "u8) is { IsEmpty: false } text)
            {
                return Currencies.RateOf(CurrencyCode.Of(text));
            }
        }

        return 0;
    }
}

/// <summary>The age of somebody who tells the date of birth.</summary>
internal static class BirthDate
{
    private const int YearsMax = 130;

    /// <summary>Reads an ISO 8601 date or time; full years, 0 to 130.</summary>
    public static bool TryAge(ReadOnlySpan<byte> text, long atMilliseconds, out double age)
    {
        age = 0;
        const int dateLength = 10;
        if (text.Length < dateLength || !Utf8Parser.TryParse(text[..4], out int _, out _)
            || !DateOnly.TryParseExact(Encoding.ASCII.GetString(text[..dateLength]), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born))
        {
            return false;
        }

        var day = DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(atMilliseconds));
        var years = day.Year - born.Year - (born.AddYears(day.Year - born.Year) > day ? 1 : 0);
        age = years;
        return years is >= 0 and <= YearsMax;
    }
}
