using System.Buffers;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Reads amounts as shops and spreadsheets write them: "$12.00", "1,234.50", "EUR 9", "1.234,50", "12,50". Accepts only what can be
/// understood in one way; docs/events.md states the rule. Plain numbers are read by <see cref="NumberText"/> before.
/// </summary>
internal static class AmountText
{
    /// <summary>Longer texts are no amounts.</summary>
    private const int DigitsMax = 30;

    private static readonly SearchValues<byte> Allowed = SearchValues.Create("0123456789.,"u8);

    private static readonly (byte[] Sign, int Code)[] Signs =
    [
        ("$"u8.ToArray(), CurrencyCode.Of("USD"u8)), ("€"u8.ToArray(), CurrencyCode.Of("EUR"u8)), ("£"u8.ToArray(), CurrencyCode.Of("GBP"u8)),
        ("¥"u8.ToArray(), CurrencyCode.Of("JPY"u8)), ("₹"u8.ToArray(), CurrencyCode.Of("INR"u8)),
    ];

    /// <param name="currency">The currency that the text names by sign or ISO code, or <see cref="CurrencyCode.None"/>.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out double number, out int currency)
    {
        number = 0;
        text = WithoutMinus(text, out var isNegative);
        currency = TakeMark(ref text);
        if (!isNegative)
        {
            text = WithoutMinus(text, out isNegative);
        }

        Span<byte> plain = stackalloc byte[DigitsMax + 1];
        if (!TryPlain(text, plain, out var length) || !NumberText.TryParse(plain[..length], out number))
        {
            return false;
        }

        number = isNegative ? -number : number;
        return true;
    }

    /// <summary>Takes one sign or three-letter code from the beginning or the end, with the blanks beside it.</summary>
    private static int TakeMark(ref ReadOnlySpan<byte> text)
    {
        foreach (var (sign, code) in Signs)
        {
            if (text.StartsWith(sign))
            {
                text = text[sign.Length..].Trim(" "u8);
                return code;
            }

            if (text.EndsWith(sign))
            {
                text = text[..^sign.Length].Trim(" "u8);
                return code;
            }
        }

        if (text.Length <= 3)
        {
            return CurrencyCode.None;
        }

        if (CurrencyCode.Of(text[..3]) is var first and not CurrencyCode.None)
        {
            text = text[3..].Trim(" "u8);
            return first;
        }

        var last = CurrencyCode.Of(text[^3..]);
        text = last == CurrencyCode.None ? text : text[..^3].Trim(" "u8);
        return last;
    }

    /// <summary>
    /// Writes digits and at most one decimal point. Of two kinds of separator the second is the decimal one; a single comma before exactly
    /// two digits is the decimal one; all others must cut groups of three.
    /// </summary>
    private static bool TryPlain(ReadOnlySpan<byte> text, Span<byte> plain, out int length)
    {
        length = 0;
        if (text.Length > DigitsMax || text.IsEmpty || !char.IsAsciiDigit((char)text[0]) || text.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        var (points, commas) = (text.Count((byte)'.'), text.Count((byte)','));
        var last = text.LastIndexOfAny((byte)'.', (byte)',');
        var decimals = last < 0 ? 0 : text.Length - last - 1;
        var hasDecimals = last >= 0 && (points > 0 && commas > 0
            ? text.Count(text[last]) == 1
            : points == 1 || (commas == 1 && decimals == 2));
        var whole = hasDecimals ? text[..last] : text;
        if ((hasDecimals && decimals == 0) || !TryGroups(whole, plain, ref length))
        {
            return false;
        }

        if (hasDecimals)
        {
            plain[length++] = (byte)'.';
            text[(last + 1)..].CopyTo(plain[length..]);
            length += decimals;
        }

        return true;
    }

    /// <summary>One to three digits that do not begin with 0, then groups of three, all with the same separator; or digits alone.</summary>
    private static bool TryGroups(ReadOnlySpan<byte> text, Span<byte> plain, ref int length)
    {
        var first = text.IndexOfAny((byte)'.', (byte)',');
        if (first < 0)
        {
            text.CopyTo(plain);
            length = text.Length;
            return true;
        }

        const int group = 3;
        var separator = text[first];
        if (first > group || text[0] == '0' || (text.Length - first) % (group + 1) != 0)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var isSeparator = i >= first && (i - first) % (group + 1) == 0;
            if (isSeparator ? text[i] != separator : !char.IsAsciiDigit((char)text[i]))
            {
                return false;
            }

            if (!isSeparator)
            {
                plain[length++] = text[i];
            }
        }

        return true;
    }

    private static ReadOnlySpan<byte> WithoutMinus(ReadOnlySpan<byte> text, out bool isNegative)
    {
        text = text.Trim(" "u8);
        isNegative = text.Length > 0 && text[0] == '-';
        return isNegative ? text[1..].Trim(" "u8) : text;
    }
}

/// <summary>An ISO 4217 code, packed into an integer; compared ignoring case.</summary>
internal static class CurrencyCode
{
    public const int None = 0;

    /// <summary><see cref="None"/> when the text is not three ASCII letters.</summary>
    public static int Of(ReadOnlySpan<byte> text) =>
        text.Length == 3 && char.IsAsciiLetter((char)text[0]) && char.IsAsciiLetter((char)text[1]) && char.IsAsciiLetter((char)text[2])
            ? (text[0] & ~0x20) << 16 | (text[1] & ~0x20) << 8 | text[2] & ~0x20
            : None;
}

/// <summary>The worth of currencies in the catalogue's base currency.</summary>
/// <param name="Base">ISO 4217 code; null when the catalogue names none: amounts are then taken as they come.</param>
/// <param name="Rates">Units of the base currency per unit of another, by its code.</param>
public sealed record CurrencyTable(string? Base, IReadOnlyList<KeyValuePair<string, double>> Rates)
{
    public static readonly CurrencyTable One = new(null, []);

    private readonly (int Code, double Rate)[] _rates =
        Base is null ? [] : [(CurrencyCode.Of(Encoding.UTF8.GetBytes(Base)), 1), .. Rates.Select(x => (CurrencyCode.Of(Encoding.UTF8.GetBytes(x.Key)), x.Value))];

    public override string ToString() => Base is null ? "" : $"{Base} {string.Join(' ', Rates.Select(x => $"{x.Key}={x.Value:R}"))}";

    /// <summary>The factor to the base currency; NaN for an unknown currency.</summary>
    internal double RateOf(int code)
    {
        if (_rates.Length == 0)
        {
            return 1;
        }

        foreach (var (known, rate) in _rates)
        {
            if (known == code)
            {
                return rate;
            }
        }

        return double.NaN;
    }
}
