using System.Reflection;
using System.Runtime.InteropServices;

namespace Platform.Worker.Images;

/// <summary>
/// The functions of libvips that are needed, and of GLib, on which it is built. None takes a variable number of arguments: those are
/// called in another way on some machines, which no declaration here could say.
/// </summary>
internal static partial class VipsLibrary
{
    /// <summary>GLib's numbers of the types of values.</summary>
    public const nuint ObjectType = 20 << 2;

    private const string Name = "vips";

    private static readonly string[] Installed = ["libvips.so.42", "libvips.42.dylib", "libvips-42.dll"];

    /// <summary>Loads and prepares it: no cache, one thread, and of all the formats it reads only three.</summary>
    /// <param name="path">Its file; empty for one that is installed.</param>
    /// <returns>Its version.</returns>
    /// <exception cref="DllNotFoundException">It isn't there, or can't be used.</exception>
    public static Version Load(string path)
    {
        nint handle = 0;
        if (path.Length > 0 ? !NativeLibrary.TryLoad(path, out handle) : !Installed.Any(name => NativeLibrary.TryLoad(name, out handle)))
            throw new DllNotFoundException(path.Length > 0 ? $"{path} can't be loaded." : "libvips isn't installed.");
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(), (name, _, _) => name == Name ? handle : 0);
        try
        {
            if (Initialize("platform") != 0)
                throw new DllNotFoundException($"libvips can't be used: {TakeError()}");
            SetCacheSize(0);
            SetConcurrency(1);
            BlockUntrusted(1);
            Block("VipsForeignLoad", 1);
            foreach (var loader in (ReadOnlySpan<string>)["VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadWebp"])
                Block(loader, 0);
            return new Version(GetVersion(0), GetVersion(1), GetVersion(2));
        }
        catch (EntryPointNotFoundException e)
        {
            throw new DllNotFoundException("This libvips is too old: 8.13 or later is needed.", e);
        }
    }

    /// <summary>What went wrong, in libvips' words.</summary>
    public static string TakeError()
    {
        var text = Marshal.PtrToStringUTF8(GetError()) ?? "";
        ClearError();
        return text.ReplaceLineEndings(" ").Trim();
    }

    [LibraryImport(Name, EntryPoint = "vips_operation_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewOperation(string name);

    [LibraryImport(Name, EntryPoint = "vips_object_set_argument_from_string", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetArgument(nint instance, string name, string value);

    [LibraryImport(Name, EntryPoint = "vips_object_build")]
    public static partial int Build(nint instance);

    [LibraryImport(Name, EntryPoint = "vips_object_unref_outputs")]
    public static partial void ReleaseOutputs(nint instance);

    [LibraryImport(Name, EntryPoint = "vips_image_get_width")]
    public static partial int GetWidth(nint image);

    [LibraryImport(Name, EntryPoint = "vips_image_get_height")]
    public static partial int GetHeight(nint image);

    [LibraryImport(Name, EntryPoint = "vips_blob_get_type")]
    public static partial nuint GetBlobType();

    [LibraryImport(Name, EntryPoint = "vips_value_set_blob")]
    public static partial void SetBlob(ref Value value, nint free, nint data, nuint length);

    [LibraryImport(Name, EntryPoint = "vips_value_get_blob")]
    public static partial nint GetBlob(ref Value value, out nuint length);

    [LibraryImport(Name, EntryPoint = "g_object_unref")]
    public static partial void Release(nint instance);

    [LibraryImport(Name, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetProperty(nint instance, string name, ref Value value);

    [LibraryImport(Name, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void GetProperty(nint instance, string name, ref Value value);

    [LibraryImport(Name, EntryPoint = "g_value_init")]
    public static partial nint InitializeValue(ref Value value, nuint type);

    [LibraryImport(Name, EntryPoint = "g_value_unset")]
    public static partial void ReleaseValue(ref Value value);

    [LibraryImport(Name, EntryPoint = "g_value_set_object")]
    public static partial void SetObject(ref Value value, nint instance);

    [LibraryImport(Name, EntryPoint = "g_value_get_object")]
    public static partial nint GetObject(ref Value value);

    [LibraryImport(Name, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Initialize(string program);

    [LibraryImport(Name, EntryPoint = "vips_version")]
    private static partial int GetVersion(int part);

    [LibraryImport(Name, EntryPoint = "vips_cache_set_max")]
    private static partial void SetCacheSize(int operations);

    [LibraryImport(Name, EntryPoint = "vips_concurrency_set")]
    private static partial void SetConcurrency(int threads);

    [LibraryImport(Name, EntryPoint = "vips_block_untrusted_set")]
    private static partial void BlockUntrusted(int state);

    [LibraryImport(Name, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void Block(string name, int state);

    [LibraryImport(Name, EntryPoint = "vips_error_buffer")]
    private static partial nint GetError();

    [LibraryImport(Name, EntryPoint = "vips_error_clear")]
    private static partial void ClearError();

    /// <summary>GLib's <c>GValue</c>: a type and two words, which only GLib looks into.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    public struct Value;
}
