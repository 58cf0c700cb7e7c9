using System.Security.Cryptography;
using System.Text;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.ClientApi.Console.SignIn;

/// <summary>
/// The link that signs in once, for the person who started the process: only while keys are generated, which <see cref="Hosting.ListenerGuard"/> allows on
/// loopback alone. Whoever finds the link in a log or a shell's history finds it used.
/// </summary>
internal sealed class OneTimeLink(GeneratedKeys keys)
{
    private const int CodeHexDigits = 32;

    private string? _code;

    /// <summary>The code that was not used yet, or a new one; null when keys are configured.</summary>
    public string? Make()
    {
        if (!keys.Exist)
        {
            return null;
        }

        var made = RandomNumberGenerator.GetHexString(CodeHexDigits, lowercase: true);
        return Interlocked.CompareExchange(ref _code, made, null) ?? made;
    }

    /// <summary>The key that the code stands for; null when it is wrong or was used.</summary>
    public string? Use(string code)
    {
        var expected = Volatile.Read(ref _code);
        var isRight = expected is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(code));
        return isRight && Interlocked.CompareExchange(ref _code, null, expected) == expected ? keys.AdminKey : null;
    }
}
