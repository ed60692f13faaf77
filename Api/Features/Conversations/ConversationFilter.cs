using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Http;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Conversations;

/// <summary>Which conversations a list is of.</summary>
internal sealed record ConversationFilter(
    [property: FromQuery(Name = "status"), Description("open, pending, resolved or closed.")] string? Status,
    [property: FromQuery(Name = "channel"), Description("whatsapp, email, web or sms.")] string? Channel,
    [property: FromQuery(Name = "agent"), Description("Those assigned to one agent, by id.")] Guid? Agent,
    [property: FromQuery(Name = "team"), Description("Those assigned to one team, by id.")] Guid? Team,
    [property: FromQuery(Name = "contact"), Description("Those with one contact, by id.")] Guid? Contact,
    [property: FromQuery(Name = "unassigned"), Description("true: those no agent has.")] bool? Unassigned,
    [property: FromQuery(Name = "search"), Description("Text to find in subject and contact's name, at most 100 characters.")] string? Search)
{
    /// <returns>Null when the filter makes sense.</returns>
    public ProblemResult? Check(out ConversationFilter tidy)
    {
        var search = Search;
        var problem = SearchText.Check(ref search);
        tidy = this with { Search = search, Unassigned = Unassigned is true ? true : null };
        if (problem is null && Status is not null && !ConversationStatus.All.Contains(Status))
            problem = Problems.BadRequest($"'status' must be one of: {string.Join(", ", ConversationStatus.All)}.");
        if (problem is null && Channel is not null && !Channels.All.Contains(Channel))
            problem = Problems.BadRequest($"'channel' must be one of: {string.Join(", ", Channels.All)}.");
        if (problem is null && tidy.Unassigned is not null && Agent is not null)
            problem = Problems.BadRequest("Use either 'agent' or 'unassigned'.");
        return problem;
    }

    /// <summary>What tells one filter from another, for a cursor's list.</summary>
    public string KeyPart => $"{Status}~{Channel}~{Agent}~{Team}~{Contact}~{Unassigned}~{Search}";
}
