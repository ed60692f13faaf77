using System.ComponentModel.DataAnnotations;
using System.Text;
using Platform.Data.Email;
using Platform.Jobs;
using Platform.Testing;
using Platform.Worker.Email;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class EmailTests
{
    private static readonly EmailMessage Message = new("message-1", "ada@example.com", "Ada", "Hello", "Text");

    [Fact]
    public async Task Job_sends_over_starttls_signed_in_and_the_message_arrives_as_it_was()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var server = new FakeSmtpServer();
        await using var host = await PlatformHost.StartAsync(
            database, builder => builder.AddEmail(), null,
            ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:Certificate", server.Fingerprint),
            ("Email:User", "platform"), ("Email:Password", "hidden"), ("Email:From", "no-reply@platform.example"), ("Email:FromName", "Plattförm"));
        var subject = "Grüße an alle, die eine längere Betreffzeile mit 😀 lesen mögen, und noch etwas mehr";

        var job = await host.EnqueueAsync(Acme, new SendEmail("ada@bücher.example", "Ada Byron", subject, ".\nErste Zeile\n..zwei\r\n"));
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal(
            [
                "STARTTLS", "* EHLO", $"* AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes("\0platform\0hidden"))}",
                "* MAIL FROM:<no-reply@platform.example>", "* RCPT TO:<ada@xn--bcher-kva.example>", "* DATA", "* QUIT",
            ],
            server.Commands.Skip(1).Select(command => command.StartsWith("* EHLO", StringComparison.Ordinal) ? "* EHLO" : command));
        var (headers, text) = Read(Assert.Single(server.Messages));
        Assert.Equal(".\r\nErste Zeile\r\n..zwei\r\n", text);
        Assert.Equal(subject, Decoded(headers["Subject"]));
        Assert.Equal("Plattförm <no-reply@platform.example>", Decoded(headers["From"]));
        Assert.Equal("Ada Byron <ada@xn--bcher-kva.example>", Decoded(headers["To"]));
        Assert.Equal($"<{job:N}@platform.example>", headers["Message-ID"]);
        Assert.True(DateTimeOffset.TryParse(headers["Date"], out _));
        Assert.All(server.Messages.Single().Split("\r\n"), line => Assert.True(line.Length <= 78, line));
    }

    [Fact]
    public async Task Without_a_host_the_job_is_dead_and_says_so()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await PlatformHost.StartAsync(database, builder => builder.AddEmail());

        var job = await host.EnqueueAsync(Acme, new SendEmail("ada@example.com", null, "Hello", "Text"));
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Equal((1, "E-mail isn't configured: Email:Host is not set."), (status.Attempts, status.Error));
    }

    [Theory]
    [InlineData("550 5.1.1 <ada@example.com> is nobody", JobStates.Dead, "The mail server refused the recipient (550 5.1.1).")]
    [InlineData("451 4.7.1 Come again", JobStates.Retrying, "The mail server refused the recipient (451 4.7.1).")]
    [InlineData("421 Closing", JobStates.Retrying, "The mail server refused the recipient (421).")]
    public async Task Refused_recipient_fails_for_good_or_is_tried_again(string answer, string state, string error)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var server = new FakeSmtpServer { Answer = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? answer : null };
        await using var host = await PlatformHost.StartAsync(
            database, builder => builder.AddEmail(), null,
            ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:Security", "None"), ("Email:From", "no-reply@platform.example"));

        var job = await host.EnqueueAsync(Acme, new SendEmail("ada@example.com", null, "Hello", "Text"));
        await Eventually.TrueAsync(async () => (await database.Reader.GetStatusAsync(database.App, Acme, job))!.State == state);

        Assert.Equal(error, await database.ScalarAsync<string>("SELECT error FROM jobs.attempts WHERE job_id = $1", job));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts WHERE detail LIKE '%ada@%'"));
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task After_a_refused_recipient_the_same_connection_takes_the_next()
    {
        await using var server = new FakeSmtpServer { Answer = command => command == "RCPT TO:<nobody@example.com>" ? "550 5.1.1 No" : null };
        await using var connection = await SmtpConnection.OpenAsync(Options(server), TimeProvider.System, default);

        var refused = await Assert.ThrowsAsync<SmtpException>(() => connection.SendAsync(Message with { To = "nobody@example.com" }, default));
        await connection.SendAsync(Message, default);

        Assert.Equal((true, false), (refused.IsPermanent, refused.IsConnection));
        Assert.Single(server.Messages);
        Assert.Single(server.Commands, command => command.StartsWith("EHLO", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ada@example.com>\r\nRCPT TO:<eve@example.com", "Hello", null)]
    [InlineData("ada@example.com", "Hello\r\nBcc: eve@example.com", null)]
    [InlineData("ada@example.com", "Hello", "Ada\nBcc: eve@example.com")]
    [InlineData("ada @example.com", "Hello", null)]
    [InlineData("ada", "Hello", null)]
    public async Task Injected_headers_and_commands_are_refused_before_anything_is_said(string to, string subject, string? name)
    {
        await using var server = new FakeSmtpServer();
        await using var connection = await SmtpConnection.OpenAsync(Options(server), TimeProvider.System, default);

        await Assert.ThrowsAsync<FormatException>(
            () => connection.SendAsync(Message with { To = to, Subject = subject, ToName = name }, default));

        Assert.DoesNotContain(server.Commands, command => command.Contains("eve", StringComparison.Ordinal) || command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signing_in_uses_login_where_plain_is_not_offered()
    {
        await using var server = new FakeSmtpServer { Extensions = ["STARTTLS", "AUTH LOGIN"] };
        var options = Options(server, EmailSecurity.StartTls);
        (options.User, options.Password) = ("platform", "hidden");

        await using (var connection = await SmtpConnection.OpenAsync(options, TimeProvider.System, default))
            await connection.SendAsync(Message, default);

        Assert.Equal(["* AUTH LOGIN", "* cGxhdGZvcm0=", "* aGlkZGVu"], server.Commands.Skip(3).Take(3));
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Without_encryption_or_with_a_strange_certificate_nothing_is_sent()
    {
        await using var plain = new FakeSmtpServer { Extensions = ["AUTH PLAIN"] };
        await using var strange = new FakeSmtpServer();
        var unpinned = Options(strange, EmailSecurity.StartTls);
        unpinned.Certificate = "";

        var stripped = await Assert.ThrowsAsync<SmtpException>(
            () => SmtpConnection.OpenAsync(Options(plain, EmailSecurity.StartTls), TimeProvider.System, default));
        var invalid = await Assert.ThrowsAsync<SmtpException>(() => SmtpConnection.OpenAsync(unpinned, TimeProvider.System, default));

        Assert.Equal("The mail server offers no encryption.", stripped.Message);
        Assert.Equal("The mail server's certificate isn't valid.", invalid.Message);
        Assert.True(stripped.IsConnection && invalid.IsConnection && !invalid.IsPermanent);
        Assert.Equal(2, plain.Commands.Count + strange.Commands.Count(command => command.StartsWith("EHLO", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("wait", "The mail server didn't answer in time.")]
    [InlineData("close", "The mail server closed the connection.")]
    [InlineData("what?", "The mail server doesn't speak SMTP.")]
    public async Task Server_that_falls_silent_or_leaves_is_a_fault_to_try_again(string answer, string error)
    {
        await using var server = new FakeSmtpServer { Answer = command => command == "DATA" ? answer : null };
        var options = Options(server);
        options.Timeout = TimeSpan.FromMilliseconds(300);
        await using var connection = await SmtpConnection.OpenAsync(options, TimeProvider.System, default);

        var failure = await Assert.ThrowsAsync<SmtpException>(() => connection.SendAsync(Message, default));

        Assert.Equal((error, false, true), (failure.Message, failure.IsPermanent, failure.IsConnection));
    }

    [Fact]
    public void Dots_at_the_start_of_a_line_are_doubled_and_the_message_ends_with_one()
    {
        Assert.Equal("..\r\na.b\r\n...c\r\n.\r\n", Encoding.ASCII.GetString(SmtpConnection.Stuffed(".\r\na.b\r\n..c"u8.ToArray())));
    }

    [Theory]
    [InlineData("", "", "", false)]
    [InlineData("mail.example", "no-reply@platform.example", "", false)]
    [InlineData("mail.example", "", "", true)]
    [InlineData("mail.example", "no-reply@platform.example\r\nX: y", "", true)]
    [InlineData("mail.example", "no-reply@platform.example", "user-without-password", true)]
    public void Options_that_cannot_work_are_refused(string host, string from, string user, bool isRefused)
    {
        var options = new EmailOptions { Host = host, From = from, User = user };

        Assert.Equal(!isRefused, Validator.TryValidateObject(options, new ValidationContext(options), null, true));
    }

    private static EmailOptions Options(FakeSmtpServer server, EmailSecurity security = EmailSecurity.None) => new()
    {
        Host = "127.0.0.1", Port = server.Port, Security = security, Certificate = server.Fingerprint, From = "no-reply@platform.example",
        Timeout = TimeSpan.FromSeconds(10),
    };

    private static (Dictionary<string, string> Headers, string Text) Read(string message)
    {
        var parts = message.Split("\r\n\r\n", 2);
        var headers = parts[0].Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n").Select(line => line.Split(": ", 2))
            .ToDictionary(header => header[0], header => header[1]);
        return (headers, Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])));
    }

    private static string Decoded(string header)
    {
        var text = new StringBuilder();
        foreach (var word in header.Split(' '))
        {
            text.Append(word.StartsWith("=?utf-8?B?", StringComparison.Ordinal)
                ? Encoding.UTF8.GetString(Convert.FromBase64String(word[10..^2]))
                : $" {word}");
        }
        return text.ToString().Trim();
    }
}
