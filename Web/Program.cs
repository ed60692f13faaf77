using Platform.ServiceDefaults;
using Platform.Web.Backend;
using Platform.Web.Components;
using Platform.Web.Live;
using Platform.Web.Security;
using Platform.Web.Sessions;
using Platform.Web.Transfers;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddBackend();
builder.AddSessions();
builder.AddLiveEvents();
builder.AddTransfers();
builder.AddPages();

var app = builder.Build();
app.UseSecurityHeaders();
app.UseFaultPages();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapDefaultEndpoints();
app.MapStaticAssets();
app.MapSessions();
app.MapTransfers();
app.MapPages();
app.Run();
