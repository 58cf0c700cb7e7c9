using System.Reflection;
using System.Reflection.Emit;
using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Proxies;

/// <summary>Emits the struct that holds the arguments of one method and can call it.</summary>
internal static class InvocationEmitter
{
    public static string FieldName(int parameter) => $"Argument{parameter}";

    public static Type Emit(ModuleBuilder module, string name, Type interfaceType, MethodInfo method)
    {
        var contract = typeof(IInvocation<>).MakeGenericType(method.ReturnType);
        var type = module.DefineType(
            name, TypeAttributes.NotPublic | TypeAttributes.Sealed | TypeAttributes.SequentialLayout, typeof(ValueType), [contract]);
        var fields = method.GetParameters()
            .Select((parameter, index) => type.DefineField(FieldName(index), parameter.ParameterType, FieldAttributes.Public))
            .ToArray();
        var invoke = type.DefineMethod(
            nameof(IInvocation<Task>.Invoke),
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            [typeof(object)]);
        var il = invoke.GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, interfaceType);
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }

        il.Emit(OpCodes.Callvirt, method);
        il.Emit(OpCodes.Ret);
        return type.CreateType();
    }
}
