import ArgumentParser
import CampaignFile
import Edge
import Kernel

/// How much of an edge one client and one network may have; the same for an edge of a campaign and for one alone.
struct AdmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Connections of all clients together; as many as the process may open when nothing is said.",
            valueName: "number"))
    var maxConnections: Int?

    @Option(help: ArgumentHelp("Connections of one address (of IPv6: of one /64).", valueName: "number"))
    var clientConnections: Int?

    @Option(help: ArgumentHelp("Connections of one network: an IPv4 /24, an IPv6 /48.", valueName: "number"))
    var networkConnections: Int?

    @Option(
        help: ArgumentHelp(
            "Requests a second of one address; two seconds' worth may come at once.", valueName: "number"))
    var clientRate: Double?

    @Option(help: ArgumentHelp("Requests a second of one network.", valueName: "number"))
    var networkRate: Double?

    @Option(
        help: ArgumentHelp(
            "Whom these limits do not concern, such as a load balancer: 10.0.0.0/8. May be repeated.",
            valueName: "range"))
    var limitExempt: [String] = []

    func validate() throws {
        for (name, number) in [
            ("max-connections", maxConnections), ("client-connections", clientConnections),
            ("network-connections", networkConnections),
        ] {
            if let number, !CampaignLimits.connections.contains(number) {
                throw ValidationError(
                    "--\(name) wants 1 to \(CampaignLimits.connections.upperBound), not \(number)")
            }
        }
        for (name, rate) in [("client-rate", clientRate), ("network-rate", networkRate)] {
            if let rate, !CampaignLimits.rates.contains(rate) {
                throw ValidationError("--\(name) wants 0.01 to 1,000,000 requests a second")
            }
        }
        if limitExempt.count > CampaignLimits.exemptRanges {
            throw ValidationError("--limit-exempt may stand \(CampaignLimits.exemptRanges) times at most")
        }
        for range in limitExempt where AddressRange(range) == nil {
            throw ValidationError("--limit-exempt wants a range such as 10.0.0.0/8, not '\(range)'")
        }
    }

    /// Descriptors are raised first, since connections are counted against them.
    var limits: AdmissionLimits {
        AdmissionLimits.raiseDescriptors()
        var made = AdmissionLimits()
        if let maxConnections { made.connections = min(maxConnections, made.connections) }
        made.connectionsPerClient = clientConnections
        made.connectionsPerNetwork = networkConnections
        made.requestsPerClient = clientRate
        made.requestsPerNetwork = networkRate
        made.exempt = limitExempt.compactMap { AddressRange($0) }
        return made
    }
}
