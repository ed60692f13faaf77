using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

internal enum RateLimitCallerKind : byte
{
    Tenant,
    Operator,
    Address,
    Source,
}

/// <summary>Who shares a budget: a tenant, an operator, another system that calls a tenant, or the address of somebody nobody knows.</summary>
internal readonly record struct RateLimitCaller(RateLimitCallerKind Kind, Guid Id)
{
    public static RateLimitCaller Of(HttpContext context, TenantContext tenant)
    {
        if (tenant.IsSet)
            return new(RateLimitCallerKind.Tenant, tenant.Current.Value);
        return context.User.Identity is { IsAuthenticated: true }
            && Guid.TryParse(context.User.FindFirstValue(JwtRegisteredClaimNames.Sub), out var user)
            ? new(RateLimitCallerKind.Operator, user)
            : Of(context.Connection.RemoteIpAddress);
    }

    /// <summary>A webhook source of a tenant, by its id.</summary>
    public static RateLimitCaller OfSource(Guid id) => new(RateLimitCallerKind.Source, id);

    /// <summary>IPv6 by /64: that is what one customer is given, and could otherwise choose a new address for each request.</summary>
    public static RateLimitCaller Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address is { AddressFamily: AddressFamily.InterNetwork })
        {
            address.TryWriteBytes(bytes[12..], out _);
            (bytes[10], bytes[11]) = (0xFF, 0xFF);
        }
        else if (address is not null)
        {
            address.TryWriteBytes(bytes, out _);
            bytes[8..].Clear();
        }
        return new(RateLimitCallerKind.Address, new Guid(bytes, bigEndian: true));
    }

    /// <summary>The bucket's key in Redis. Only a tenant's is tenant data.</summary>
    public string Key(string policy) => Kind switch
    {
        RateLimitCallerKind.Tenant => TenantKey.Create(new TenantId(Id), "limit", policy),
        RateLimitCallerKind.Operator => $"limit:user:{Id}:{policy}",
        RateLimitCallerKind.Source => $"limit:source:{Id}:{policy}",
        _ => $"limit:address:{Id:N}:{policy}",
    };
}
