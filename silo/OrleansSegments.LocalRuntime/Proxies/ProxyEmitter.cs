using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.Proxies;

/// <summary>
/// Emits, once per process and grain interface, a sealed <see cref="GrainReference"/> that implements it. Each method puts its arguments
/// into an emitted struct and hands that to the generic call path, which the compiler then specialises.
/// </summary>
internal static class ProxyEmitter
{
    private static readonly ConcurrentDictionary<Type, Lazy<ProxyType>> Proxies = new();
    private static readonly ConcurrentDictionary<Assembly, ModuleBuilder> Modules = new();
    private static readonly Lock Gate = new();
    private static readonly MethodInfo CallMethod =
        typeof(GrainReference).GetMethod(nameof(GrainReference.Call), BindingFlags.Instance | BindingFlags.NonPublic)!;
    private static readonly ConstructorInfo BaseConstructor = typeof(GrainReference).GetConstructor(
        BindingFlags.Instance | BindingFlags.NonPublic, [typeof(InterfaceBinding), typeof(string)])!;

    public static ProxyType ProxyOf(Type interfaceType) =>
        Proxies.GetOrAdd(interfaceType, static type => new Lazy<ProxyType>(() => Emit(type))).Value;

    private static ProxyType Emit(Type interfaceType)
    {
        // Type builders of one module are not safe to use from several threads.
        lock (Gate)
        {
            var module = Modules.GetOrAdd(interfaceType.Assembly, NewModule);
            var methods = interfaceType.GetInterfaces().Append(interfaceType)
                .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
                .Where(method => method.IsAbstract)
                .ToArray();
            var name = $"{interfaceType.FullName}.Reference";
            var proxy = module.DefineType(
                name, TypeAttributes.NotPublic | TypeAttributes.Sealed | TypeAttributes.Class, typeof(GrainReference), [interfaceType]);
            var constructor = EmitConstructor(proxy);
            EmitFactory(proxy, constructor);
            for (var index = 0; index < methods.Length; index++)
            {
                Check(methods[index]);
                var invocation = InvocationEmitter.Emit(module, $"{name}.{methods[index].Name}{index}", interfaceType, methods[index]);
                EmitMethod(proxy, methods[index], index, invocation);
            }

            var create = proxy.CreateType().GetMethod("Create", BindingFlags.Static | BindingFlags.Public)!;
            return new ProxyType(create.CreateDelegate<Func<InterfaceBinding, string, GrainReference>>(), methods);
        }
    }

    private static ModuleBuilder NewModule(Assembly interfaces)
    {
        var grant = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        var assemblies = new[] { interfaces, typeof(ProxyEmitter).Assembly }.Distinct();
        var builder = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName($"{interfaces.GetName().Name}.References"),
            AssemblyBuilderAccess.Run,
            assemblies.Select(assembly => new CustomAttributeBuilder(grant, [assembly.GetName().Name])));
        return builder.DefineDynamicModule("References");
    }

    private static void Check(MethodInfo method)
    {
        var name = $"{method.DeclaringType!.Name}.{method.Name}";
        if (method.IsGenericMethodDefinition || method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef))
        {
            throw new NotSupportedException($"{name} is generic or has a parameter by reference; grain methods must have neither.");
        }

        if (!ReturnKinds.IsSupported(method.ReturnType))
        {
            throw new NotSupportedException($"{name} returns {method.ReturnType.Name}; grain methods return Task, Task<T>, ValueTask or ValueTask<T>.");
        }

        if (method.IsDefined(typeof(OneWayAttribute)) && method.ReturnType.IsGenericType)
        {
            throw new NotSupportedException($"{name} is one-way and returns a value; nobody waits for it. Return Task or ValueTask.");
        }
    }

    private static ConstructorBuilder EmitConstructor(TypeBuilder proxy)
    {
        var constructor = proxy.DefineConstructor(
            MethodAttributes.Public, CallingConventions.HasThis, [typeof(InterfaceBinding), typeof(string)]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, BaseConstructor);
        il.Emit(OpCodes.Ret);
        return constructor;
    }

    private static void EmitFactory(TypeBuilder proxy, ConstructorBuilder constructor)
    {
        var factory = proxy.DefineMethod(
            "Create", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), [typeof(InterfaceBinding), typeof(string)]);
        var il = factory.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder proxy, MethodInfo method, int index, Type invocation)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        var builder = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            parameters);
        var il = builder.GetILGenerator();
        var arguments = il.DeclareLocal(invocation);
        il.Emit(OpCodes.Ldloca, arguments);
        il.Emit(OpCodes.Initobj, invocation);
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldloca, arguments);
            il.Emit(OpCodes.Ldarg, i + 1);
            il.Emit(OpCodes.Stfld, invocation.GetField(InvocationEmitter.FieldName(i))!);
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, arguments);
        il.Emit(OpCodes.Ldc_I4, index);
        EmitCancellationToken(il, parameters);
        var (result, kind) = ReturnKinds.Of(method.ReturnType);
        il.Emit(OpCodes.Call, CallMethod.MakeGenericMethod(invocation, method.ReturnType, result, kind));
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(builder, method);
    }

    private static void EmitCancellationToken(ILGenerator il, Type[] parameters)
    {
        if (parameters.LastOrDefault() == typeof(CancellationToken))
        {
            il.Emit(OpCodes.Ldarg, parameters.Length);
            return;
        }

        var none = il.DeclareLocal(typeof(CancellationToken));
        il.Emit(OpCodes.Ldloca, none);
        il.Emit(OpCodes.Initobj, typeof(CancellationToken));
        il.Emit(OpCodes.Ldloc, none);
    }
}
