import Kernel
package import Store

// The campaign's own program is a service for the API too. What is active there is decided by the campaign's files, whoever
// changed them through whichever door; its versions are made of them when somebody looks.
extension Services {
    package static func campaign(in transaction: StoreTransaction) throws -> ServiceRecord? {
        try list(in: transaction).first(where: \.isCampaign)
    }

    /// Brings the campaign's service in line with the files that are active: the newest version that holds just these is the active
    /// one, or there is a new one. `main` is the path of the main file, nil without any. Its name follows the campaign's, unless
    /// another service has that.
    package static func follow(
        campaign name: String, files: [String: String], main: String?, now: Int64,
        in transaction: StoreTransaction
    ) throws -> ServiceRecord {
        var record =
            try campaign(in: transaction)
            ?? create(
                name: ServiceID.free(name) { try service(named: $0, in: transaction) != nil },
                isCampaign: true,
                now: now, in: transaction)
        if record.name != name, try service(named: name, in: transaction) == nil {
            record = try update(record.id, name: name, comment: nil, now: now, in: transaction)
        }
        if let active = record.active, try holds(active, record.id, files, main, in: transaction) {
            return record
        }
        let number = try version(holding: files, main, record.id, now: now, in: transaction)
        _ = try lock(number, of: record.id, now: now, in: transaction)
        try setActive(number, of: record.id, now: now, in: transaction)
        return try service(record.id, in: transaction)
    }

    /// Whether `follow` would change nothing; asked first, so that readers do not wait for writers.
    package static func isFollowing(
        campaign name: String, files: [String: String], main: String?, in transaction: StoreTransaction
    ) throws -> Bool {
        guard let record = try campaign(in: transaction), let active = record.active else { return false }
        if record.name != name, try service(named: name, in: transaction) == nil { return false }
        return try holds(active, record.id, files, main, in: transaction)
    }

    private static func holds(
        _ number: Int, _ id: String, _ files: [String: String], _ main: String?,
        in transaction: StoreTransaction
    ) throws -> Bool {
        let objects = try objects("vcl", version: number, of: id, in: transaction)
        return objects.count == files.count
            && objects.allSatisfy { object in
                files[object.name] == object.body["content"]?.string
                    && (object.body["main"] == .bool(true)) == (object.name == main)
            }
    }

    private static func version(
        holding files: [String: String], _ main: String?, _ id: String, now: Int64,
        in transaction: StoreTransaction
    ) throws -> Int {
        let all = try versions(of: id, in: transaction)
        if let found = try all.last(where: { try holds($0.number, id, files, main, in: transaction) }) {
            return found.number
        }
        // The first version of all is made empty.
        let isFirst = all.count == 1 && !all[0].isLocked
        let number = try isFirst ? 1 : createVersion(of: id, now: now, in: transaction).number
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            _ = try create(
                "vcl", name, ["content": .string(text), "main": .bool(name == main)], version: number, of: id,
                now: now, in: transaction)
        }
        return number
    }
}
