using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Aspire.Hosting.Dashboard.Grpc;

/// <summary>A message on the wire: one byte "compressed", four bytes length (big endian), then that many bytes of protobuf.</summary>
internal static class GrpcFraming
{
    public const int PrefixLength = 5;

    /// <summary>What gRPC clients accept by default, 4 MB.</summary>
    public const int MaxMessageLength = 4 * 1024 * 1024;

    /// <summary>Reads the next message; null when the sender has finished.</summary>
    /// <exception cref="GrpcException">The frame is compressed, too long, cut off, or not the message expected.</exception>
    public static async Task<T?> ReadAsync<T>(PipeReader reader, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryReadFrame(ref buffer, out var payload))
            {
                var message = Parse(parser, payload);
                reader.AdvanceTo(buffer.Start);
                return message;
            }
            if (result.IsCompleted)
            {
                if (!buffer.IsEmpty) throw new GrpcException(GrpcStatus.Internal, "The request ended inside a message.");
                return null;
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    public static async Task WriteAsync(PipeWriter writer, IMessage message, CancellationToken cancellationToken)
    {
        var length = message.CalculateSize();
        var prefix = writer.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)length);
        writer.Advance(PrefixLength);
        message.WriteTo(writer);
        await writer.FlushAsync(cancellationToken);
    }

    private static bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < PrefixLength) return false;
        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0) throw new GrpcException(GrpcStatus.Unimplemented, "Compressed messages are not supported.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > MaxMessageLength)
            throw new GrpcException(GrpcStatus.ResourceExhausted, $"A message may have {MaxMessageLength} bytes at most.");
        if (buffer.Length < PrefixLength + length) return false;
        payload = buffer.Slice(PrefixLength, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> payload) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new GrpcException(GrpcStatus.Internal, $"The message is not a {typeof(T).Name}.");
        }
    }
}
