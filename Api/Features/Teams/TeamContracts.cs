using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Api.Features.Teams;

internal sealed record TeamInput(string? Name, string? Description)
{
    private const int MaxNameLength = 100, MaxDescriptionLength = 500;

    /// <returns>The errors; the input as it is to be stored when there are none.</returns>
    public IReadOnlyList<FieldError> Check(out TeamInput tidy)
    {
        var checks = new FieldChecks();
        tidy = new TeamInput(
            checks.Text(Name, "name", "The name", MaxNameLength),
            checks.Text(Description, "description", "The description", MaxDescriptionLength, required: false));
        return checks.Errors;
    }
}

/// <param name="Members">How many there are.</param>
internal sealed record TeamResponse(
    Guid Id, string Name, string Description, long Members, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned;

internal sealed record TeamMemberResponse(Guid UserId, string Name, string Email, DateTimeOffset CreatedAt);
