namespace Platform.Api.Http;

/// <summary>A page of whatever list.</summary>
internal interface IPage
{
    Pagination Pagination { get; }
}
