using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Http;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Appointments;

/// <summary>Which appointments a list is of.</summary>
internal sealed record AppointmentFilter(
    [property: FromQuery(Name = "from"), Description("Those that start then or later.")] DateTimeOffset? From,
    [property: FromQuery(Name = "to"), Description("Those that start before.")] DateTimeOffset? To,
    [property: FromQuery(Name = "professional"), Description("Those of one professional, by id.")] Guid? Professional,
    [property: FromQuery(Name = "contact"), Description("Those of one contact, by id.")] Guid? Contact,
    [property: FromQuery(Name = "status"), Description("scheduled, confirmed, completed, cancelled or no_show.")] string? Status,
    [property: FromQuery(Name = "search"), Description("Text to find in title and location, at most 100 characters.")] string? Search)
{
    /// <returns>Null when the filter makes sense.</returns>
    public ProblemResult? Check(out AppointmentFilter tidy)
    {
        var search = Search;
        var problem = SearchText.Check(ref search);
        tidy = new AppointmentFilter(From?.ToUniversalTime(), To?.ToUniversalTime(), Professional, Contact, Status, search);
        if (problem is null && Status is not null && !AppointmentStatus.All.Contains(Status))
            problem = Problems.BadRequest($"'status' must be one of: {string.Join(", ", AppointmentStatus.All)}.");
        return problem;
    }

    /// <summary>What tells one filter from another, for a cache key and a cursor's list.</summary>
    public string KeyPart => this is { From: null, To: null, Professional: null, Contact: null, Status: null, Search: null }
        ? ""
        : $"{From:O}~{To:O}~{Professional}~{Contact}~{Status}~{Search}";
}
