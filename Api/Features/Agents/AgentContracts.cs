using System.ComponentModel;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Teams;
using Platform.Data.Validation;

namespace Platform.Api.Features.Agents;

internal sealed record NewAgentInput(
    [property: Description("A member of the tenant.")] Guid? UserId, string? Status, int? Capacity, string[]? Skills);

internal sealed record AgentInput(
    [property: Description("`online`, `away` or `offline`.")] string? Status,
    [property: Description("Open conversations at a time, 0 to 100. Default 5.")] int? Capacity,
    [property: Description("At most 20, 40 characters each.")] string[]? Skills)
{
    private const int DefaultCapacity = 5, MaxCapacity = 100, MaxSkills = 20, MaxSkillLength = 40;

    /// <returns>The errors; the input as it is to be stored when there are none.</returns>
    public IReadOnlyList<FieldError> Check(out AgentInput tidy)
    {
        var checks = new FieldChecks();
        var status = checks.OneOf(
            Status, "status", "The status", [AgentStatus.Online, AgentStatus.Away, AgentStatus.Offline], orElse: AgentStatus.Offline);
        if (Capacity is < 0 or > MaxCapacity)
            checks.Add("capacity", $"The capacity must be between 0 and {MaxCapacity}.");
        string[] skills = [];
        if (Skills is { Length: > MaxSkills })
            checks.Add("skills", $"There can be {MaxSkills} skills at most.");
        else
            skills = [.. (Skills ?? []).Select(skill => checks.Text(skill, "skills", "A skill", MaxSkillLength)).Distinct()];
        tidy = new AgentInput(status, Capacity ?? DefaultCapacity, skills);
        return checks.Errors;
    }
}

/// <param name="Id">The user's.</param>
internal sealed record AgentResponse(
    Guid Id, string Name, string Email, string Status, int Capacity, string[] Skills, DateTimeOffset? LastSeenAt,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    // Name and e-mail address are the user's.
    bool IVersioned.IsComposed => true;
}
