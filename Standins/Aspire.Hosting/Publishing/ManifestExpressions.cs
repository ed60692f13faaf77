using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Turns values of the model into the manifest's expressions, and remembers the encoded forms they ask for.</summary>
internal sealed class ManifestExpressions
{
    private readonly SortedDictionary<string, string> _encoded = new(StringComparer.Ordinal);

    /// <summary>Resources to add to the manifest: the name and the expression to encode for URIs.</summary>
    public IReadOnlyDictionary<string, string> Encoded => _encoded;

    /// <exception cref="DistributedApplicationException">The value has no meaning outside a run.</exception>
    public string Of(object? value) => value switch
    {
        null => "",
        string text => text,
        ReferenceExpression reference => Of(reference),
        ConnectionStringReference connection => Of(connection.Resource),
        IResourceBuilder<IResource> builder => Of(builder.Resource),
        IManifestExpressionProvider provider => provider.ValueExpression,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new DistributedApplicationException($"A value of type {value.GetType().Name} cannot be written to a manifest."),
    };

    private string Of(ReferenceExpression reference)
    {
        var parts = new string[reference.ValueProviders.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var expression = reference.ValueProviders[i] is ReferenceExpression inner ? Of(inner) : reference.ManifestExpressions[i];
            parts[i] = reference.StringFormats[i] == "uri" ? Encode(expression) : expression;
        }
        return string.Format(CultureInfo.InvariantCulture, reference.Format, parts);
    }

    /// <summary>The manifest has no functions: an encoded value is a resource of its own, named after what it encodes.</summary>
    private string Encode(string expression)
    {
        if (expression is not ['{', .., '}'] || expression.Count(c => c == '{') != 1) return Uri.EscapeDataString(expression);
        var source = expression[1..^1];
        if (source.EndsWith(".value", StringComparison.Ordinal)) source = source[..^".value".Length];
        var name = source.Replace('.', '-') + "-uri-encoded";
        _encoded[name] = expression;
        return $"{{{name}.value}}";
    }
}
