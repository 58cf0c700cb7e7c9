using System.Buffers.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>Parses numbers. Short decimals, which are nearly all, use a fast path with the same result.</summary>
internal static class NumberText
{
    /// <summary>
    /// Integers of up to this many digits and the power of ten that divides them are exact in a double, so the quotient is rounded once,
    /// like a full parser's (W. Clinger 1990).
    /// </summary>
    private const int ExactDigitsMax = 15;

    private static readonly double[] PowersOfTen = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Returns false for text that is not entirely a finite number; the number is then infinite if it was beyond a double's range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double number)
    {
        number = 0;
        if (text.IsEmpty || text[0] > '9')
        {
            // A letter: NaN and infinity are not accepted.
            return false;
        }

        return TryShort(text, out number)
            || (Utf8Parser.TryParse(text, out number, out int used) && used == text.Length && double.IsFinite(number));
    }

    private static bool TryShort(ReadOnlySpan<byte> text, out double number)
    {
        var isNegative = text[0] == '-';
        var digits = isNegative ? text[1..] : text;
        var (mantissa, point) = (0L, -1);
        number = 0;
        if (digits.IsEmpty || digits.Length > ExactDigitsMax || !char.IsAsciiDigit((char)digits[0]))
        {
            return false;
        }

        for (var i = 0; i < digits.Length; i++)
        {
            var digit = (uint)(digits[i] - '0');
            if (digit <= 9)
            {
                mantissa = mantissa * 10 + digit;
            }
            else if (digits[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        var decimals = point < 0 ? 0 : digits.Length - 1 - point;
        var magnitude = mantissa / PowersOfTen[decimals];
        number = isNegative ? -magnitude : magnitude;
        return point < 0 || decimals > 0;
    }
}
