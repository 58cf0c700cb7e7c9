using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Hosting;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Random keys for a host on loopback that was given none, so that a first try needs no set-up and is still closed to other users'
/// processes. The host prints them once; they are not stored and change with every start.
/// </summary>
public sealed class GeneratedKeys
{
    private const int KeyHexDigits = 32;

    public GeneratedKeys(IOptions<ClientApiOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (ClientApiOptionsValidation.HasKeys(options.Value))
        {
            return;
        }

        WriteKey = "wk_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
        ReadKey = "rk_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
        AdminKey = "ak_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
    }

    /// <summary>False when keys are configured; then all three are null.</summary>
    public bool Exist => WriteKey is not null;

    public string? WriteKey { get; }

    public string? ReadKey { get; }

    public string? AdminKey { get; }
}
