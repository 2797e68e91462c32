/// Makes a body of other bodies while they arrive. Confined to its loop.
protocol BodyProducer: AnyObject {
    /// Whether it goes on when its client has left.
    var isForCache: Bool { get }
    /// Nobody wants the rest.
    func cancel()
}
