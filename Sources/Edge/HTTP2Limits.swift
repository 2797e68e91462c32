import HTTP1
import NIOCore
import NIOHTTP2

/// Bounds of one HTTP/2 connection. What floods is answered with GOAWAY and ENHANCE_YOUR_CALM.
enum HTTP2Limits {
    /// Requests of one client at once: what RFC 9113 recommends as the least, and browsers ask for no more.
    static let concurrentStreams = 100
    /// Of decoded header lists, as SETTINGS_MAX_HEADER_LIST_SIZE counts them; what HTTP/1.1 heads may have.
    static let headerListBytes = HTTP1Limits.headBytes
    /// Bytes of bodies that a client may send ahead on one stream, and on all streams of a connection
    /// together.
    static let streamWindow = 128 * 1024
    static let connectionWindow = 1024 * 1024
    /// Bytes of an answer that wait in a stream, beyond which its writer waits for the client.
    static let streamBuffer = 64 * 1024
    /// Streams that a client may take back in ten seconds. Browsers do on each click on "stop", in dozens; a
    /// "rapid reset" attack (CVE-2023-44487) by the thousand.
    static let resets = 200
    /// Streams with mistakes in ten seconds; no honest client makes many.
    static let streamErrors = 100
    /// PING, SETTINGS and PRIORITY frames in ten seconds: some clients send a PRIORITY with each request,
    /// some a PING for each megabyte that they take. NIO holds eight bytes for each, from a connection's
    /// beginning.
    static let controlFrames = 400
    static let windowSeconds: Int64 = 10
    /// How long a request may go on without ending once its answer has left. More of its body ends it at once.
    static let leftoverSeconds: Int64 = 2
    /// Answers to the client's control frames that wait because it does not read.
    static let bufferedControlFrames = 1_000
    /// CONTINUATION frames behind one HEADERS (CVE-2024-24549): 64 KiB of header list need four.
    static let continuations = 5

    static var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var made = NIOHTTP2Handler.ConnectionConfiguration()
        made.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: concurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerListBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
        ]
        made.targetWindowSize = connectionWindow
        made.maximumBufferedControlFrames = bufferedControlFrames
        made.maximumSequentialContinuationFrames = continuations
        made.controlFrameRateLimit.maximumCount = controlFrames
        made.controlFrameRateLimit.windowLength = .seconds(windowSeconds)
        return made
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var made = NIOHTTP2Handler.StreamConfiguration()
        made.targetWindowSize = streamWindow
        made.outboundBufferSizeHighWatermark = streamBuffer
        made.outboundBufferSizeLowWatermark = streamBuffer / 2
        made.streamResetFrameRateLimit.maximumCount = resets
        made.streamResetFrameRateLimit.windowLength = .seconds(windowSeconds)
        made.streamErrorRateLimit.maximumCount = streamErrors
        made.streamErrorRateLimit.windowLength = .seconds(windowSeconds)
        return made
    }
}
