using System.Text.Json;
using Platform.Web.Live;

namespace Platform.Web.Tests.Live;

public sealed class ActivityFeedTests
{
    [Theory]
    [InlineData("contact.created", """{"id":"x","name":"Ada Lovelace","email":null}""", "Ada Lovelace was added")]
    [InlineData("contact.updated", """{"email":"a@b.example"}""", "a@b.example was changed")]
    [InlineData("contact.deleted", """{"id":"x"}""", "A contact was deleted")]
    [InlineData("contacts.changed", """{"count":1200}""", "1,200 contacts changed")]
    [InlineData("import.completed", """{"imported":9712,"rejected":288}""", "Import finished: 9,712 contacts added, 288 rows rejected")]
    [InlineData("import.completed", """{"imported":1,"rejected":0}""", "Import finished: 1 contact added")]
    public void Describe_events_people_care_for(string type, string data, string expected) =>
        Assert.Equal(expected, ActivityFeed.Describe(Event(type, data))?.Text);

    [Theory]
    [InlineData("import.progress", """{"imported":1}""")]
    [InlineData("job.progress", "{}")]
    [InlineData("contacts.changed", "{}")]
    [InlineData("resync", "null")]
    [InlineData("something.new", "5")]
    public void Describe_others_stay_silent(string type, string data) => Assert.False(ActivityFeed.IsWorthTelling(Event(type, data)));

    [Fact]
    public void ParseData_garbage_becomes_an_event_without_data()
    {
        var happened = new LiveEvent("contact.created", LiveEvents.ParseData("contact.created", "{not json"u8), DateTimeOffset.UnixEpoch);

        Assert.Null(happened.Text("name"));
        Assert.Null(happened.Id("id"));
        Assert.Null(happened.Number("count"));
        Assert.Equal("A contact was added", ActivityFeed.Describe(happened)?.Text);
    }

    private static LiveEvent Event(string type, string data) =>
        new(type, JsonDocument.Parse(data).RootElement.Clone(), DateTimeOffset.UnixEpoch);
}
