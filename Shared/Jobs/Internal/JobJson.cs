using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Platform.Jobs.Internal;

/// <summary>How payloads and results are written: camelCase, by the context their <see cref="JobAttribute.Json"/> names, else by reflection.</summary>
internal static class JobJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly ConcurrentDictionary<Type, JsonSerializerContext> Contexts = new();

    /// <summary>1 MB: more belongs in a table or a file that the payload names.</summary>
    public const int MaxPayloadBytes = 1024 * 1024;

    /// <summary>A payload somebody wrote by hand.</summary>
    /// <exception cref="JobException">It isn't JSON, or too large.</exception>
    public static byte[] Checked(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes)
            throw new JobException($"The payload has {payload.Length:N0} bytes; a job carries at most 1 MB.");
        try
        {
            using var document = JsonDocument.Parse(payload);
        }
        catch (JsonException e)
        {
            throw new JobException("The payload is not JSON.", e);
        }

        return payload.ToArray();
    }

    /// <exception cref="JobException">The payload is too large, or its context doesn't know it.</exception>
    public static byte[] Payload<TPayload>(TPayload payload)
        where TPayload : notnull
    {
        // A change of a schedule knows its payload as an object only.
        var bytes = typeof(TPayload) == typeof(object)
            ? JsonSerializer.SerializeToUtf8Bytes(payload, Info(payload.GetType()))
            : JsonSerializer.SerializeToUtf8Bytes(payload, Typed<TPayload>.Info);
        return bytes.Length <= MaxPayloadBytes
            ? bytes
            : throw new JobException($"The payload of {payload.GetType().Name} has {bytes.Length:N0} bytes; a job carries at most 1 MB.");
    }

    /// <exception cref="JsonException">It is none of this type, or lacks something the type can't do without.</exception>
    public static TPayload? Read<TPayload>(byte[] payload) => JsonSerializer.Deserialize(payload, Typed<TPayload>.Reader);

    /// <summary>What the type can't do without and a payload that couldn't be read hasn't got.</summary>
    public static IEnumerable<string> Missing<TPayload>(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? [] : [.. Typed<TPayload>.Reader.Properties
                .Where(property => property.IsRequired && !root.TryGetProperty(property.Name, out _)).Select(property => property.Name)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>What a job of this kind gave.</summary>
    public static string Result(JobAttribute definition, object result) => JsonSerializer.Serialize(
        result, (definition.Json is { } context ? Context(context).GetTypeInfo(result.GetType()) : null) ?? Options.GetTypeInfo(result.GetType()));

    internal static JsonTypeInfo<T> InfoOf<T>() => Typed<T>.Info;

    /// <exception cref="JobException">The context doesn't know the type.</exception>
    private static JsonTypeInfo Info(Type type) =>
        type.GetCustomAttribute<JobAttribute>()?.Json is not { } context
            ? Options.GetTypeInfo(type)
            : Context(context).GetTypeInfo(type) ?? throw new JobException($"{context.Name} lacks [JsonSerializable(typeof({type.Name}))].");

    private static JsonSerializerContext Context(Type type) => Contexts.GetOrAdd(
        type, static type => (JsonSerializerContext)Activator.CreateInstance(type, new JsonSerializerOptions(Options) { TypeInfoResolver = null })!);

    /// <summary>
    /// For reading: of another release's payload, whose fields have other names, the serializer would make empty ids, and a handler that
    /// finds nothing to do succeeds. What may be null is left out when written, so it may be missing.
    /// </summary>
    private static JsonTypeInfo ReaderOf(JsonTypeInfo info) => new JsonSerializerOptions(Options)
    {
        TypeInfoResolver = (info.OriginatingResolver ?? Options.TypeInfoResolver!).WithAddedModifier(static type =>
        {
            foreach (var property in type.Properties)
            {
                if (property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false })
                    property.IsRequired = true;
            }
        }),
    }.GetTypeInfo(info.Type);

    private static class Typed<T>
    {
        private static JsonTypeInfo<T>? _info, _reader;

        /// <summary>Looked up once; not in a static constructor, which would hide why it fails.</summary>
        public static JsonTypeInfo<T> Info => _info ??= (JsonTypeInfo<T>)JobJson.Info(typeof(T));

        public static JsonTypeInfo<T> Reader => _reader ??= (JsonTypeInfo<T>)ReaderOf(Info);
    }
}
