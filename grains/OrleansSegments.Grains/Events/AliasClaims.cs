using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Catalogues;

namespace OrleansSegments.Grains.Events;

/// <summary>Collects what events say of ids that are one customer, without the ids that name nobody.</summary>
public sealed class AliasClaims(IOptions<MergeOptions> options, EventReporter reporter)
{
    private readonly FrozenSet<string> _neverMerged =
        MergeOptions.NeverMergedAlways.Concat(options.Value.NeverMergedIds.Select(static id => id.Trim())).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the claim of an event, the earliest one where several name the same id.</summary>
    /// <param name="claims">Made with the first claim.</param>
    internal void Collect(CustomerEvent source, ref List<AliasClaim>? claims)
    {
        if (source.AliasId is not { } alias || alias == source.CustomerId)
        {
            return;
        }

        if (NamesNobody(alias) || NamesNobody(source.CustomerId))
        {
            reporter.RefuseMerge("never_merged", source.CustomerId, alias);
            return;
        }

        int known = claims?.FindIndex(claim => claim.AliasId == alias) ?? -1;
        if (known < 0)
        {
            (claims ??= []).Add(new AliasClaim(alias, source.OccurredAtMilliseconds));
        }
        else if (claims![known].SinceMilliseconds > source.OccurredAtMilliseconds)
        {
            claims[known] = new AliasClaim(alias, source.OccurredAtMilliseconds);
        }
    }

    private bool NamesNobody(string id) => id.Length <= MergeOptions.NeverMergedLengthMax && _neverMerged.Contains(id.Trim());
}

/// <summary>Which ids are never merged.</summary>
public sealed class MergeOptions
{
    public const string Section = "Merges";

    /// <summary>Longer ids are not compared with the list.</summary>
    internal const int NeverMergedLengthMax = 64;

    /// <summary>What programs write where there is no id. One of them would make thousands of visitors one customer.</summary>
    internal static readonly string[] NeverMergedAlways =
    [
        "", "null", "(null)", "nil", "undefined", "none", "n/a", "na", "nan", "0", "-1", "true", "false", "unknown", "anonymous", "guest", "user", "id", "test",
        "[object object]", "00000000-0000-0000-0000-000000000000",
    ];

    /// <summary>Ids that name nobody, beside null, undefined, 0, anonymous and the like: events that name them count, and no customers are merged.</summary>
    [Length(0, 1_000)]
    public string[] NeverMergedIds { get; set; } = [];
}
