using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.Api.Tests.Http;

/// <summary>One operation of the API as its OpenAPI document describes it.</summary>
internal sealed partial class ApiOperation
{
    private const int MaxDepth = 6;

    private readonly string _path;
    private readonly JsonElement _document;
    private readonly JsonElement? _schema;

    private ApiOperation(HttpMethod method, string path, JsonElement document, JsonElement operation)
    {
        (Method, _path, _document) = (method, path, document);
        Query = operation.TryGetProperty("parameters", out var parameters)
            ? [.. from parameter in parameters.EnumerateArray().Select(Resolve)
                  where parameter.GetProperty("in").GetString() == "query"
                  select parameter.GetProperty("name").GetString()!]
            : [];
        if (operation.TryGetProperty("requestBody", out var body)
            && Resolve(body).GetProperty("content").TryGetProperty("application/json", out var json))
            _schema = Resolve(json.GetProperty("schema"));
        Description = operation.TryGetProperty("description", out var description) ? description.GetString()! : "";
        Statuses = [.. operation.GetProperty("responses").EnumerateObject().Select(response => response.Name)];
    }

    public HttpMethod Method { get; }

    public string Name => $"{Method} {_path}";

    /// <summary>Whether its path names a thing.</summary>
    public bool HasId => _path.Contains('{', StringComparison.Ordinal);

    public string Description { get; }

    /// <summary>The statuses it says it may answer.</summary>
    public IReadOnlyList<string> Statuses { get; }

    /// <summary>Names of the query's parameters.</summary>
    public IReadOnlyList<string> Query { get; }

    /// <summary>Whether it takes a JSON object.</summary>
    public bool HasBody => _schema is not null;

    /// <summary>All operations, in the document's order.</summary>
    public static async Task<IReadOnlyList<ApiOperation>> AllAsync(ApiFixture api)
    {
        var document = await (await api.Anonymous.GetAsync("/openapi/v1.json")).JsonAsync();
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               where operation.Name is "get" or "put" or "post" or "patch" or "delete" or "head"
               select new ApiOperation(HttpMethod.Parse(operation.Name.ToUpperInvariant()), path.Name, document, operation.Value),
        ];
    }

    /// <summary>The path with this in place of each parameter.</summary>
    public string Url(string id) => PathParameter().Replace(_path, Uri.EscapeDataString(id));

    /// <summary>The paths with these ids in place of its parameters, in every combination.</summary>
    public IEnumerable<string> Urls(IReadOnlyCollection<Guid> ids) => PathParameter().Matches(_path).Aggregate(
        (IEnumerable<string>)[_path],
        (paths, _) => paths.SelectMany(path => ids.Select(id => PathParameter().Replace(path, id.ToString(), count: 1))));

    /// <summary>A body with every property filled as the schema says; those that name a thing with this id.</summary>
    public JsonObject Body(Guid id) => Sample(_schema!.Value, "", id, 0) as JsonObject ?? [];

    private JsonNode? Sample(JsonElement schema, string name, Guid id, int depth)
    {
        schema = Resolve(schema);
        if (depth > MaxDepth)
            return null;
        foreach (var combined in (ReadOnlySpan<string>)["oneOf", "anyOf", "allOf"])
        {
            if (schema.TryGetProperty(combined, out var choices))
                return Sample(choices.EnumerateArray().First(choice => TypeOf(Resolve(choice)) != "null"), name, id, depth + 1);
        }
        if (schema.TryGetProperty("enum", out var values))
            return JsonNode.Parse(values[0].GetRawText());
        var format = schema.TryGetProperty("format", out var given) ? given.GetString() : null;
        switch (TypeOf(schema))
        {
            case "object":
                var body = new JsonObject();
                if (schema.TryGetProperty("properties", out var properties))
                {
                    foreach (var property in properties.EnumerateObject())
                        body[property.Name] = Sample(property.Value, property.Name, id, depth + 1);
                }
                return body;
            case "array":
                return new JsonArray(schema.TryGetProperty("items", out var items) ? Sample(items, name, id, depth + 1) : null);
            case "integer" or "number":
                return 1;
            case "boolean":
                return true;
            default:
                return (format, name) switch
                {
                    ("uuid", _) => id.ToString(),
                    ("date-time", _) => DateTimeOffset.UtcNow.AddDays(30).ToString("O", CultureInfo.InvariantCulture),
                    ("date", _) => "2030-01-31",
                    ("uri", _) => "https://example.com/hook",
                    (_, "email") => $"{Guid.CreateVersion7():N}@example.com",
                    (_, "phone") => null,
                    (_, "name") => $"Sample {Guid.CreateVersion7()}",
                    _ => "Sample",
                };
        }
    }

    private static string? TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) ? "object" : null;
        return type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : type.EnumerateArray().Select(one => one.GetString()).FirstOrDefault(one => one != "null");
    }

    private JsonElement Resolve(JsonElement element)
    {
        while (element.TryGetProperty("$ref", out var reference))
        {
            element = reference.GetString()!.Split('/').Skip(1)
                .Aggregate(_document, (place, part) => place.GetProperty(part.Replace("~1", "/", StringComparison.Ordinal)));
        }
        return element;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PathParameter();
}
