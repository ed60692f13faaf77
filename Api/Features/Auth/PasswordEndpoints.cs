using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Http;
using Platform.Data.Security;

namespace Platform.Api.Features.Auth;

internal sealed record PasswordInput(string? CurrentPassword, [property: Description("10 to 256 characters.")] string? NewPassword);

internal sealed record InvitationInput(
    [property: Description("What stands behind the # of the link.")] string? Token,
    [property: Description("10 to 256 characters.")] string? Password);

internal static class PasswordEndpoints
{
    private const int MaxTokenLength = 200;

    public static void MapPasswords(this RouteGroupBuilder group)
    {
        group.MapPost("/password", ChangeAsync)
            .WithSummary("Change one's own password").WithDescription("Ends all other sessions of the user.")
            .Produces(204).ProducesProblem(403).ProducesProblem(409).ProducesValidationProblem(422).ProducesProblem(429);
        group.MapPost("/invitation", AcceptAsync).AllowAnonymous()
            .WithSummary("Accept an invitation: set the first password").WithDescription("Then sign in. An invitation works once.")
            .Produces(204).ProducesValidationProblem(422);
    }

    private static async Task<IResult> ChangeAsync(
        [FromBody] PasswordInput input, ClaimsPrincipal user, Credentials credentials, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        if (input.CurrentPassword is not { Length: > 0 and <= Passwords.MaxLength } present)
            return Problems.Invalid("currentPassword", "Give your present password.");
        return Check("newPassword", input.NewPassword)
            ?? (IResult?)await credentials.ChangeAsync(userId, user.SessionId(), present, input.NewPassword!, cancellationToken)
            ?? TypedResults.NoContent();
    }

    private static async Task<IResult> AcceptAsync(
        [FromBody] InvitationInput input, Credentials credentials, CancellationToken cancellationToken)
    {
        if (input.Token is not { Length: > 0 and <= MaxTokenLength } token)
            return Problems.Invalid("token", "Give the invitation's token.");
        return Check("password", input.Password)
            ?? (IResult?)await credentials.AcceptAsync(token, input.Password!, cancellationToken)
            ?? TypedResults.NoContent();
    }

    private static ProblemResult? Check(string field, string? password) =>
        password is { Length: >= Credentials.MinPasswordLength and <= Passwords.MaxLength }
            ? null
            : Problems.Invalid(field, $"The password needs {Credentials.MinPasswordLength} to {Passwords.MaxLength} characters.");
}
