// The smallest service an application can have: tells who it is and what it was given.
var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/health", () => Results.Ok());
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name));
app.MapPost("/touch", () => Results.NoContent());
app.Run();
