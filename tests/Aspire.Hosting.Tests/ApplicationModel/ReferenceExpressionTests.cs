using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Tests.ApplicationModel;

public class ReferenceExpressionTests
{
    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public async Task GetValueAsync_with_parameters_puts_values_in_place()
    {
        var user = _builder.AddParameter("user", "ann");
        var password = _builder.AddParameter("password", "a b&c", secret: true);

        var expression = ReferenceExpression.Create($"redis://{user}:{password:uri}@host/{{x}}");

        Assert.Equal("redis://ann:a%20b%26c@host/{x}", await expression.GetValueAsync(default));
        Assert.Equal("redis://{user.value}:{password.value}@host/{x}", expression.ValueExpression);
    }

    [Fact]
    public async Task GetValueAsync_with_allocated_endpoint_gives_its_parts()
    {
        var program = _builder.AddExecutable("program", "true", ".").WithHttpEndpoint(name: "web");
        var endpoint = program.GetEndpoint("web");
        var expression = ReferenceExpression.Create(
            $"{endpoint.Property(EndpointProperty.IPV4Host)}|{endpoint.Property(EndpointProperty.Port)}|{endpoint}");
        var pending = expression.GetValueAsync(default);

        Assert.False(pending.IsCompleted);
        endpoint.EndpointAnnotation.AllocatedEndpoint = new AllocatedEndpoint(endpoint.EndpointAnnotation, "localhost", 1234);

        Assert.Equal("127.0.0.1|1234|http://localhost:1234", await pending);
        Assert.Equal("{program.bindings.web.host}|{program.bindings.web.port}|{program.bindings.web.url}", expression.ValueExpression);
    }

    [Fact]
    public async Task Append_of_several_pieces_makes_one_expression()
    {
        var name = _builder.AddParameter("name", "x");
        var pieces = new ReferenceExpressionBuilder();
        pieces.AppendLiteral("Host=");
        pieces.Append($"{name};");
        pieces.Append($"Literal={1.ToString(System.Globalization.CultureInfo.InvariantCulture)}");

        var expression = pieces.Build();

        Assert.Equal("Host=x;Literal=1", await expression.GetValueAsync(default));
        Assert.Equal("Host={name.value};Literal=1", expression.ValueExpression);
    }
}
