namespace OrleansSegments.Silo.Imports;

/// <summary>Why a line made no event, where the API's rejections have no word for it. The words are what the user reads in the summary.</summary>
public static class SkipReasons
{
    public const string BlankLine = "blank line";
    public const string LineTooLong = "line too long";
    public const string DoesNotParse = "does not parse";
    public const string NoCustomer = "no customer";
    public const string CustomerIdTooLong = "customer id too long";
    public const string NotInTimeOrder = "not in time order";
    /// <summary>Before 1970, or years after the lines before it.</summary>
    public const string ImplausibleTime = "implausible time";
    public const string TooManyPending = "too many lines within one hour";

    public const string BadDebtAdjustment = "bad-debt adjustment";
    public const string UnknownInvoiceKind = "unknown kind of invoice";
    public const string ZeroPriceOrQuantity = "zero price or quantity";
    public const string NegativePrice = "negative price";
    public const string ImplausiblePrice = "implausible price";
    public const string OrderedLessThanZero = "negative quantity on an order";
    public const string CancelledMoreThanZero = "positive quantity on a cancellation";
}
