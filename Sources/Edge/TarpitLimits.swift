/// Bounds of answers that a program has sent slowly (`resp.tarpit`).
enum TarpitLimits {
    /// Larger answers go as always; Fastly has the same bound
    /// (https://www.fastly.com/documentation/reference/vcl/functions/miscellaneous/resp-tarpit/).
    static let bytes = 4000
    /// Whatever the program says, an answer takes no longer than that, in seconds: its pieces grow. A client who waits so long is
    /// none that goes away, and each costs a connection here too.
    static let seconds: Int64 = 300
    /// At once on each loop; further answers go as always. Each holds its connection and 4,000 bytes.
    static let atOnce = 2000
}
