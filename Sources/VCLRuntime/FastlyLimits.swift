/// Fastly's documented bounds on a VCL service (constraints and limitations; network services resource limits), with what
/// HQ does. A program that keeps to the smaller of the two runs in both places.
package enum FastlyLimits {
    /// `req.body` and `req.postbody` hold bodies up to here; longer ones read as empty.
    package static let readableBody = 8 * 1024
    /// Bytes of a workspace at Fastly, which `workspace.*` tells of.
    package static let workspace: Int64 = 256 * 1024

    package struct Row: Sendable {
        package let name: String
        package let fastly: String
        package let here: String
    }

    package static let rows: [Row] = [
        Row(
            name: "length of a URL", fastly: "8 KB, then the request is refused before the program runs",
            here: "the same: 414"),
        Row(
            name: "Cookie header", fastly: "32 KB, then it is removed and Fastly-Cookie-Overflow is set to 1",
            here: "bounded with the head as a whole"),
        Row(
            name: "head of a request", fastly: "69 KB, then 503 or a closed connection",
            here: "64 KiB, then 431"),
        Row(name: "head of a response", fastly: "69 KB, then 503", here: "64 KiB, then 503"),
        Row(
            name: "header lines of a request", fastly: "255, then the program ends in an answer of its own",
            here: "255, then 431"),
        Row(
            name: "header lines of a response", fastly: "96, then the program ends in an answer of its own",
            here: "255, then 503"),
        Row(
            name: "body that a program can read", fastly: "8 KB; longer ones read as empty",
            here: "the same, where the host supplies bodies"),
        Row(name: "restarts", fastly: "3, then 503", here: "the same"),
        Row(
            name: "workspace of a request", fastly: "256 KB, then the program ends in 503",
            here: "not bounded by itself; workspace.* count against Fastly's size"),
        Row(name: "surrogate key", fastly: "1 KB; longer ones are dropped", here: "bounded with the head"),
        Row(
            name: "Surrogate-Key header", fastly: "16 KB; further keys are dropped",
            here: "bounded with the head"),
        Row(name: "key of a table", fastly: "256 characters", here: "not bounded"),
        Row(name: "value of a table", fastly: "8,000 characters", here: "not bounded"),
        Row(name: "items of a table", fastly: "1,000 in a dictionary, more on request", here: "not bounded"),
        Row(name: "entries of an ACL", fastly: "1,000, more on request", here: "not bounded"),
        Row(name: "backends of a service", fastly: "5, more on request", here: "not bounded"),
        Row(name: "size of a VCL file", fastly: "1 MB", here: "not bounded"),
        Row(
            name: "line of a log", fastly: "16 KB; the rest is cut off",
            here: "bounded with the request's memory"),
        Row(name: "includes inside includes", fastly: "not documented", here: "16"),
        Row(name: "groups of a regular expression", fastly: "re.group.0 to re.group.10", here: "the same"),
        Row(name: "entry of a rate counter", fastly: "256 bytes", here: "the same"),
    ]
}
