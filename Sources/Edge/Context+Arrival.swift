import HTTP1
import Kernel
import VCLRuntime

extension Context {
    /// What is known of a request as soon as its head is in `req`.
    func arrive(from address: IPAddress, port: Int, number: Int) {
        now = wallClock()
        startTime = now
        clientAddress = address
        clientPort = port
        requestNumber = number
        req.takeOriginForm(in: arena)
        HeadWriter.removeConnectionOptions(&req.headers)
    }
}

extension Bytes {
    /// A target's path.
    var withoutQuery: Bytes { slice(0, firstIndex(of: UInt8(ascii: "?")) ?? count) }
}
