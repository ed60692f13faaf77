using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A string with holes for values that are known only at run time, or as expressions when published.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>An empty string.</summary>
    public static readonly ReferenceExpression Empty = new("", [], [], []);

    private ReferenceExpression(string format, IValueProvider[] providers, string[] expressions, string?[] formats)
    {
        Format = format;
        ValueProviders = providers;
        ManifestExpressions = expressions;
        StringFormats = formats;
    }

    /// <summary>A composite format string, one placeholder a value.</summary>
    public string Format { get; }

    /// <summary>The values' manifest expressions, in the order of the placeholders.</summary>
    public IReadOnlyList<string> ManifestExpressions { get; }

    /// <summary>How each value is encoded: null or <c>uri</c>.</summary>
    public IReadOnlyList<string?> StringFormats { get; }

    /// <summary>The values, in the order of the placeholders.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <inheritdoc/>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. ManifestExpressions]);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Builds an expression from an interpolated string.</summary>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Builder.Build();

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) =>
        GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>
    /// The text with all values in place. A single missing value makes the whole of a pure reference null, else it is left out.
    /// </summary>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
            return null;

        var values = new object?[ValueProviders.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await ValueProviders[i].GetValueAsync(context, cancellationToken);
            values[i] = StringFormats[i] == "uri" && value is not null ? Uri.EscapeDataString(value) : value;
        }

        return Format == "{0}" ? (string?)values[0] : string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    internal static ReferenceExpression Create(
        string format, IReadOnlyList<(IValueProvider Provider, string Expression, string? Format)> parts) =>
        new(format, [.. parts.Select(p => p.Provider)], [.. parts.Select(p => p.Expression)], [.. parts.Select(p => p.Format)]);

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler
    {
            public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) => Builder = new ReferenceExpressionBuilder();

        internal ReferenceExpressionBuilder Builder { get; }

            public void AppendLiteral(string value) => Builder.AppendLiteral(value);

            public void AppendFormatted(string? value) => Builder.AppendFormatted(value);

            public void AppendFormatted(string? value, string? format) => Builder.AppendFormatted(value, format);

            public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider =>
            Builder.AppendFormatted(valueProvider);

            public void AppendFormatted<T>(T valueProvider, string? format) where T : IValueProvider, IManifestExpressionProvider =>
            Builder.AppendFormatted(valueProvider, format);

            public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
                where T : IResource, IValueProvider, IManifestExpressionProvider =>
            Builder.AppendFormatted(valueProvider.Resource);

            public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider => Builder.AppendFormatted(valueProvider.Resource, format);
    }
}

/// <summary>Builds a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format = new();
    private readonly List<(IValueProvider, string, string?)> _parts = [];

    /// <summary>Nothing has been appended.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Appends plain text.</summary>
    public void AppendLiteral(string value) =>
        _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Appends plain text.</summary>
    public void AppendFormatted(string? value, string? format = null) =>
        AppendLiteral(format == "uri" && value is not null ? Uri.EscapeDataString(value) : value ?? "");

    /// <summary>Appends a value; <paramref name="format"/> is null or <c>uri</c>.</summary>
    public void AppendFormatted<T>(T valueProvider, string? format = null) where T : IValueProvider, IManifestExpressionProvider
    {
        if (format is not (null or "uri"))
            throw new FormatException($"The format '{format}' is not known; 'uri' is.");

        _format.Append(CultureInfo.InvariantCulture, $"{{{_parts.Count}}}");
        _parts.Add((valueProvider, valueProvider.ValueExpression, format));
    }

    /// <summary>Appends an interpolated string.</summary>
    public void Append(in ReferenceExpression.ExpressionInterpolatedStringHandler handler) =>
        AppendFormatted(ReferenceExpression.Create(handler));

    /// <summary>The expression built so far.</summary>
    public ReferenceExpression Build() => ReferenceExpression.Create(_format.ToString(), _parts);
}
