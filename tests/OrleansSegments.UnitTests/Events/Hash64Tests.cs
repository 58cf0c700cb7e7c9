using System.Text;
using OrleansSegments.Engine.Events;
using Xunit;

namespace OrleansSegments.UnitTests.Events;

public sealed class Hash64Tests
{
    /// <summary>Published values of XxHash64 with seed 0.</summary>
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void Known_texts_give_the_published_values(string text, ulong expected) =>
        Assert.Equal(expected, Hash64.Of(Encoding.UTF8.GetBytes(text)));
}
