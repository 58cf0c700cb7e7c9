namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>The arguments of one call to one method, as an emitted struct, so that a call that ends at once boxes nothing.</summary>
internal interface IInvocation<TReturn>
{
    TReturn Invoke(object grain);
}
